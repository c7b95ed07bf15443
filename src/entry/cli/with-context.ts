import type { Context } from '../../context.ts';
import type { House } from './verb.ts';

/** Works on the database itself, with nothing running behind it; what was opened for that is closed again, whatever comes of the work. */
export async function withContext<T>(
  { runtime }: Pick<House, 'runtime'>,
  work: (ctx: Context) => Promise<T>,
): Promise<T> {
  const { ctx, close } = await runtime.openContext();
  try {
    return await work(ctx);
  } finally {
    await close();
  }
}
