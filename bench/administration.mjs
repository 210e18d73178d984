import { request } from 'node:http';

/**
 * One call of the API over the administration socket.
 * @param {string} socketPath
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {import('node:http').Agent | false} [agent]
 * @returns {Promise<{ status: number, body: string }>}
 */
export function callApi(socketPath, method, path, body, agent = false) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = text === '' ? {} : { 'content-type': 'application/json' };
    const call = request({ socketPath, method, path, headers, agent }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (answer += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: answer }));
    });
    call.on('error', reject);
    call.end(text);
  });
}
