import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Most systems give a process 1,024 files; the database, the log and the calls to Xendit need some of them. */
const MOST_CONNECTIONS = 800;

/**
 * Where there are too many connections, the oldest one that asks nothing just now makes room for the next: who opens them and says
 * nothing, or half of something, keeps nobody out.
 */
export function boundConnections(server: Server, most = MOST_CONNECTIONS): void {
  const open = new Set<Socket>();
  const asking = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) makeRoom(socket);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      asking.delete(socket);
    });
  });
  server.on('request', ({ socket }, response) => {
    asking.add(socket);
    response.once('close', () => asking.delete(socket));
  });

  function makeRoom(newest: Socket): void {
    const idle = open.values().find((socket) => !asking.has(socket));
    if (idle === undefined) newest.destroy();
    else open.delete(idle);
    idle?.destroy();
  }
}
