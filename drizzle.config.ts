import { defineConfig } from 'drizzle-kit';

export default defineConfig({ schema: './src/infra/postgres/schema/*.ts', out: './drizzle', dialect: 'postgresql' });
