import { customerAddress } from '../../../../domain/catalog/customer-address.ts';
import { type Html, html } from '../../pages/html.ts';

/** A customer by their reference: a link into the business's own system, where the catalog says that there is one. */
export function customerLink(template: string | null, reference: string): Html {
  const address = customerAddress(template, reference);
  return address === null ? html`${reference}` : html`<a href="${address}" rel="noreferrer">${reference}</a>`;
}
