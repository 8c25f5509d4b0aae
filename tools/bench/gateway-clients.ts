/** Subscribers over WebSocket, in a process of their own: `gateway-clients.ts URL COUNT QUERY`. Says `ready`, then on each `count` how many messages came. */
import WebSocket from 'ws';

const [url = '', count = '0', query = ''] = process.argv.slice(2);
const OPENING_AT_ONCE = 50;
let received = 0;

function subscribe(): Promise<WebSocket> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('message', () => {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      socket.send('{"type":"ping"}');
      socket.once('message', () => {
        socket.on('message', () => {
          received += 1;
        });
        resolve(socket);
      });
    });
  });
}

const sockets: WebSocket[] = [];
for (let open = 0; open < Number(count); open += OPENING_AT_ONCE) {
  const most = Math.min(OPENING_AT_ONCE, Number(count) - open);
  sockets.push(...(await Promise.all(Array.from({ length: most }, subscribe))));
}
process.on('message', () => process.send?.({ received }));
process.on('disconnect', () => {
  for (const socket of sockets) socket.terminate();
});
process.send?.({ ready: true });
