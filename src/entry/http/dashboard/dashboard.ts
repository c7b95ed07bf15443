import cookies from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Pages } from '../../../context.ts';
import type { Exports } from '../guard/exports.ts';
import { keptForecast } from '../kept-forecast.ts';
import { accountPage } from './access/account-page.ts';
import { signInPages } from './access/sign-in-pages.ts';
import { activityPages } from './activity/activity-routes.ts';
import { actPages } from './acts/act-routes.ts';
import { CHARGES } from './acts/charge-things.ts';
import { OWED_CHARGES } from './acts/payment-things.ts';
import { PAID_CHARGES, REFUNDS } from './acts/refund-things.ts';
import { SUBSCRIPTIONS } from './acts/subscription-things.ts';
import { chargePages } from './charges/charge-routes.ts';
import { disputePages } from './disputes/dispute-routes.ts';
import { DISPUTES } from './disputes/dispute-thing.ts';
import { dunningPages } from './dunning/dunning-routes.ts';
import { sessionCookie } from './frame/cookie.ts';
import { pageErrors } from './frame/errors.ts';
import { formOf, readForms } from './frame/form.ts';
import { houseOf } from './frame/house.ts';
import { PAGE_POLICY } from './frame/send.ts';
import { ICON, ICON_PATH, STYLE, STYLE_PATH } from './frame/style.ts';
import type { Visitors } from './frame/visitors.ts';
import { chargingThing } from './health/charging-thing.ts';
import { healthPages } from './health/health-routes.ts';
import { logPages } from './log/log-routes.ts';
import { overviewPages } from './overview/overview-routes.ts';
import { catalogFile } from './plans/catalog-thing.ts';
import { planPages } from './plans/plan-routes.ts';
import { decidePages } from './queue/decide-routes.ts';
import { queuePages } from './queue/queue-routes.ts';
import { refundPages } from './refunds/refund-routes.ts';
import { forecastPages } from './reports/forecast-routes.ts';
import { subscriptionPages } from './subscriptions/subscription-routes.ts';

const hidden = { hide: true };
const A_YEAR = 'public, max-age=31536000, immutable';

/** The pages for people, on the same listener as the API and beside it: no call of one is a page of the other. */
export function dashboard(visitors: Visitors, pages: Pages, exported: Exports, file: string) {
  const { ctx } = visitors;
  const cookie = sessionCookie(ctx);
  return async (app: FastifyInstance): Promise<void> => {
    readForms(app);
    app.setErrorHandler(pageErrors(ctx));
    await app.register(cookies);
    await app.register(csrf, {
      cookieKey: cookie.formName,
      cookieOpts: cookie.options,
      getToken: (request: FastifyRequest) => formOf(request)._csrf,
    });
    // What every answer has otherwise would take the place of what helmet writes.
    app.addHook('onRequest', async (_request, reply) => void reply.removeHeader('content-security-policy'));
    await app.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: PAGE_POLICY },
      frameguard: { action: 'deny' },
      // Hosts below this one are somebody else's, and may have no TLS.
      strictTransportSecurity: cookie.secure && { includeSubDomains: false },
    });
    // Every form, the one to sign in too: who is signed in as somebody else by a stranger's page works for that stranger.
    app.addHook('preHandler', (request, reply, done) => {
      if (request.method === 'POST') app.csrfProtection(request, reply, done);
      else done();
    });
    const house = houseOf(ctx, pages);
    app.get(STYLE_PATH, { schema: hidden }, async (_request, reply) =>
      reply.header('cache-control', A_YEAR).type('text/css; charset=utf-8').send(STYLE),
    );
    app.get(ICON_PATH, { schema: hidden }, async (_request, reply) =>
      reply.header('cache-control', A_YEAR).type('image/svg+xml').send(ICON),
    );
    // Whatever the day, its thirty next ones lie in the rest of its month and the two after it.
    overviewPages(app, { ctx, pages, house, kept: keptForecast(ctx, { months: 2, by: 'day' }) });
    forecastPages(app, ctx, house);
    signInPages(app, visitors);
    accountPage(app, visitors, house);
    chargePages(app, ctx, pages, exported, house);
    subscriptionPages(app, ctx, pages, exported, house);
    refundPages(app, { ctx, pages, house }, exported);
    dunningPages(app, ctx, pages, house);
    disputePages(app, ctx, pages, house);
    activityPages(app, ctx, pages, house);
    planPages(app, ctx, pages, house, file);
    logPages(app, ctx, pages, exported, house);
    healthPages(app, ctx, pages, house);
    queuePages(app, { ctx, pages, house });
    decidePages(app, { ctx, pages, house });
    actPages(app, { ctx, pages, house }, CHARGES);
    actPages(app, { ctx, pages, house }, OWED_CHARGES);
    actPages(app, { ctx, pages, house }, PAID_CHARGES);
    actPages(app, { ctx, pages, house }, REFUNDS);
    actPages(app, { ctx, pages, house }, SUBSCRIPTIONS);
    actPages(app, { ctx, pages, house }, DISPUTES);
    actPages(app, { ctx, pages, house }, catalogFile(file));
    actPages(app, { ctx, pages, house }, chargingThing(ctx));
  };
}
