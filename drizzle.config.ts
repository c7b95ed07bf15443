import { defineConfig } from 'drizzle-kit';

export default defineConfig({ schema: './src/infra/tables/schema/**/*.ts', out: './drizzle', dialect: 'postgresql' });
