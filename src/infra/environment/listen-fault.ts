/** Where somebody wants to listen, and the variable that says so. */
type Place = { readonly variable: 'PORT' | 'DUEDAY_WEBHOOK_PORT'; readonly host: string; readonly port: number };

/** Why nobody can listen there, with the variable that mends it; what is not about the place is thrown as it came. */
export function listenFault(error: unknown, place: Place): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = wordsFor(code, place);
  return words === null ? error : new Error(words);
}

function wordsFor(code: string, { variable, host, port }: Place): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `${variable}: somebody listens on port ${port} of ${host} already. Stop that program, or set ${variable} to a free port (0: any).`;
    case 'EACCES':
      return `${variable}: this user may not listen on port ${port}. Set ${variable} to 1024 or more.`;
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'ENOTFOUND':
      return `HOST: ${host} is no address of this machine (${code}). Set HOST to one, to 0.0.0.0 for all, or unset it for 127.0.0.1.`;
    default:
      return null;
  }
}
