import { text } from 'node:stream/consumers';

/*
 * What `npm sbom` says of the checkout, cut down to what is in the package. Its own `--omit dev` leaves out what the package
 * needs as soon as a tool of ours needs it too.
 */

type Component = {
  readonly 'bom-ref': string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
};
type Sbom = {
  readonly metadata: { readonly component: object };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
};

const { metadata, components, dependencies, ...head } = JSON.parse(await text(process.stdin)) as Sbom;

function isTool({ properties = [] }: Component): boolean {
  return properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
}

const tools = new Set(components.filter(isTool).map((one) => one['bom-ref']));
const packed = {
  ...head,
  // npm names it after the folder that it was made in.
  metadata: { ...metadata, component: { ...metadata.component, name: 'dueday' } },
  components: components.filter((one) => !tools.has(one['bom-ref'])),
  dependencies: dependencies
    .filter(({ ref }) => !tools.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => !tools.has(one)) })),
};
console.log(JSON.stringify(packed, null, 2));
