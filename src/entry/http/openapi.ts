import type { SwaggerTransform } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** The document's head; its paths are made from the same schemas that check requests and answers. */
export const openapi = {
  openapi: '3.1.0',
  info: { title: 'dueday', version: '0.1.0', description: 'Bills subscriptions on Xendit.' },
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer' },
      callback_token: { type: 'apiKey', in: 'header', name: 'x-callback-token' },
    },
  },
  security: [{ key: [] }],
} as const;

const PROBLEM = {
  description: 'What went wrong (RFC 9457), with every bad field named',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Every call answers its faults alike, so that is said here once. */
export const describeRoute: SwaggerTransform = (route) => {
  const told = jsonSchemaTransform(route as Parameters<typeof jsonSchemaTransform>[0]);
  const schema = told.schema as FastifySchema & { hide?: boolean };
  if (schema?.hide === true) return told;
  return { ...told, schema: { ...schema, response: { ...(schema?.response as object), default: PROBLEM } } };
};
