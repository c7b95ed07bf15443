/** Whether a path is the selected one or, if the selection ends with a slash, lies under it. */
export function covers(selection: string, path: string): boolean {
  return selection.endsWith('/') ? path.startsWith(selection) : path === selection;
}
