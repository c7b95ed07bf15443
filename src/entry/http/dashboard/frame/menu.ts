export type MenuEntry = { readonly path: string; readonly name: string; readonly roles: readonly string[] };

/** Only the pages that there are, for those who may open them. */
export const MENU: readonly { readonly group: string; readonly entries: readonly MenuEntry[] }[] = [
  {
    group: 'Work',
    entries: [
      { path: '/', name: 'Overview', roles: ['product', 'finance', 'admin'] },
      { path: '/queue', name: 'Queue', roles: ['product', 'finance', 'admin'] },
    ],
  },
  {
    group: 'Book',
    entries: [
      { path: '/charges', name: 'Charges', roles: ['product', 'finance', 'admin'] },
      { path: '/subscriptions', name: 'Subscriptions', roles: ['product', 'finance', 'admin'] },
      { path: '/refunds', name: 'Refunds', roles: ['product', 'finance', 'admin'] },
      { path: '/dunning', name: 'Dunning', roles: ['product', 'finance', 'admin'] },
      { path: '/disputes', name: 'Disputes', roles: ['product', 'finance', 'admin'] },
    ],
  },
  {
    group: 'Close',
    entries: [
      { path: '/log', name: 'Charge log', roles: ['finance', 'admin'] },
      { path: '/reports/forecast', name: 'Forecast', roles: ['finance', 'admin'] },
    ],
  },
  {
    group: 'House',
    entries: [
      { path: '/plans', name: 'Plans', roles: ['product', 'finance', 'admin'] },
      { path: '/health', name: 'Health', roles: ['product', 'finance', 'admin'] },
      { path: '/activity', name: 'Activity', roles: ['admin'] },
    ],
  },
];
