// Generated from docs/openapi.json: npm run docs:generate.
export interface paths {
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All metrics in Prometheus' text format.
     * @description For everybody who reaches the port.
     */
    get: operations['getMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether the server can do all of its work.
     * @description For everybody who reaches the port.
     */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What runs, since when, and what is wrong.
     * @description Takes the permission `server:read`.
     */
    get: operations['getStatus'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/checks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether clients can reach this server, and get further: what was found, and what to do about it.
     * @description Takes the permission `server:read`.
     */
    get: operations['getChecks'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/throughput': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What all clients together moved lately, in equal steps.
     * @description Takes the permission `server:read`.
     */
    get: operations['getThroughput'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The open sessions of this server with counters and path, the oldest first.
     * @description Takes the permission `sessions:read`.
     */
    get: operations['listSessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sessions/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sessions there were, and requests that got none, the newest first.
     * @description Takes the permission `sessions:read`.
     */
    get: operations['listPastSessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A session, live or past.
     * @description Takes the permission `sessions:read`.
     */
    get: operations['getSession'];
    put?: never;
    post?: never;
    /**
     * Ends a session; its client may come back at once.
     * @description Takes the permission `sessions:write`.
     */
    delete: operations['disconnectSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pools': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The addresses for clients, and how many of them are used.
     * @description Takes the permission `pools:read`.
     */
    get: operations['getPools'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/leases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who has which address on this server, or had it last.
     * @description Takes the permission `pools:read`.
     */
    get: operations['listLeases'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/leases/{address}/quarantine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Lets anybody have an address that rests.
     * @description Takes the permission `pools:write`.
     */
    delete: operations['endQuarantine'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What can be changed while the server runs.
     * @description Takes the permission `settings:read`.
     */
    get: operations['getSettings'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Changes settings; on every server of this database.
     * @description Takes the permission `settings:write`.
     */
    patch: operations['changeSettings'];
    trace?: never;
  };
  '/api/v1/server/configuration': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The settings of server.toml as this server runs with them; secrets are masked.
     * @description Takes the permission `server:read`.
     */
    get: operations['getConfiguration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who did what, the newest first.
     * @description Takes the permission `audit:read`.
     */
    get: operations['listAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/audit/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who did what, as one JSON object a line, the newest first.
     * @description Takes the permission `audit:read`.
     */
    get: operations['exportAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/server/backup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Everything in the database as a file that can be restored.
     * @description Takes the permission `server:write`.
     */
    get: operations['getBackup'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The last lines of this server’s log, the newest first.
     * @description Takes the permission `logs:read`.
     */
    get: operations['listLogs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What happens, as server-sent events that can be resumed.
     * @description For everybody who is signed in.
     */
    get: operations['listenToEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/webhooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All webhooks, the oldest first.
     * @description Takes the permission `webhooks:read`.
     */
    get: operations['listWebhooks'];
    put?: never;
    /**
     * Creates a webhook; its secret is shown this once.
     * @description Takes the permission `webhooks:write`.
     */
    post: operations['createWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/webhooks/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A webhook, and what waits for it.
     * @description Takes the permission `webhooks:read`.
     */
    get: operations['getWebhook'];
    put?: never;
    post?: never;
    /**
     * Deletes a webhook with everything that waits for it.
     * @description Takes the permission `webhooks:write`.
     */
    delete: operations['deleteWebhook'];
    options?: never;
    head?: never;
    /**
     * Changes a webhook.
     * @description Takes the permission `webhooks:write`.
     */
    patch: operations['changeWebhook'];
    trace?: never;
  };
  '/api/v1/webhooks/{id}/secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * A new secret, shown this once; the one before is of no use any more.
     * @description Takes the permission `webhooks:write`.
     */
    post: operations['renewWebhookSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/webhooks/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends one signed event of the type webhook.test at once, and says what came of it.
     * @description Takes the permission `webhooks:write`.
     */
    post: operations['testWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/webhooks/{id}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was, is or could not be delivered, the newest first.
     * @description Takes the permission `webhooks:read`.
     */
    get: operations['listDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/webhooks/{id}/deliveries/{delivery}/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Attempts a delivery again, from the beginning.
     * @description Takes the permission `webhooks:write`.
     */
    post: operations['retryDelivery'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/login': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Ways to sign in.
     * @description For everybody, over TLS or on the server itself.
     */
    get: operations['getLogin'];
    put?: never;
    /**
     * Signs an administrator in; the session is in the cookie.
     * @description For everybody, over TLS or on the server itself.
     */
    post: operations['login'];
    /**
     * Ends this session.
     * @description For everybody who is signed in.
     */
    delete: operations['logout'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/setup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Chooses a password with a one-time link; on a fresh server it makes the first owner.
     * @description For everybody, over TLS or on the server itself.
     */
    post: operations['setUp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/login/oidc': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sends the browser to the OpenID Connect provider.
     * @description For everybody, over TLS or on the server itself.
     */
    get: operations['startOidc'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/login/oidc/callback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Where the OpenID Connect provider sends the browser back to.
     * @description For everybody, over TLS or on the server itself.
     */
    get: operations['finishOidc'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who is signed in, and what they may do.
     * @description For everybody who is signed in.
     */
    get: operations['getMe'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who is signed in, if anybody is.
     * @description For everybody, over TLS or on the server itself; who is signed in is answered something else.
     */
    get: operations['getSessionOwner'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Changes one’s own password and ends all other sessions.
     * @description For everybody who is signed in.
     */
    put: operations['changePassword'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Turns the second factor on, with the first code of the app.
     * @description For everybody who is signed in.
     */
    put: operations['turnTotpOn'];
    /**
     * A secret for an authenticator app; nothing is on yet.
     * @description For everybody who is signed in.
     */
    post: operations['offerTotp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/totp/off': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Turns the second factor off, with one more code.
     * @description For everybody who is signed in.
     */
    post: operations['turnTotpOff'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Where one is signed in, the newest first.
     * @description For everybody who is signed in.
     */
    get: operations['listOwnSessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Signs another browser out.
     * @description For everybody who is signed in.
     */
    delete: operations['endOwnSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/devices': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One’s own devices, in order of creation.
     * @description For everybody who is signed in.
     */
    get: operations['listOwnDevices'];
    put?: never;
    /**
     * Makes a device of one’s own and the link that enrols it.
     * @description For everybody who is signed in.
     */
    post: operations['createOwnDevice'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/devices/{id}/enrolment': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * One more link for a device of one’s own.
     * @description For everybody who is signed in.
     */
    post: operations['enrolOwnDevice'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/devices/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Removes a device of one’s own.
     * @description For everybody who is signed in.
     */
    delete: operations['deleteOwnDevice'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/administrators': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All administrators.
     * @description Takes the permission `administrators:read`.
     */
    get: operations['listAdministrators'];
    put?: never;
    /**
     * Creates an administrator; without a password, with a link to choose one.
     * @description Takes the permission `administrators:write`.
     */
    post: operations['createAdministrator'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/administrators/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * An administrator.
     * @description Takes the permission `administrators:read`.
     */
    get: operations['getAdministrator'];
    put?: never;
    post?: never;
    /**
     * Deletes an administrator with all sessions and tokens.
     * @description Takes the permission `administrators:write`.
     */
    delete: operations['deleteAdministrator'];
    options?: never;
    head?: never;
    /**
     * Changes an administrator’s role, password or second factor.
     * @description Takes the permission `administrators:write`.
     */
    patch: operations['changeAdministrator'];
    trace?: never;
  };
  '/api/v1/administrators/{id}/link': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * A one-time link with which an administrator chooses a new password.
     * @description Takes the permission `administrators:write`.
     */
    post: operations['createAdministratorLink'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tokens in order of creation: owners see everybody’s, others their own.
     * @description Takes the permission `tokens:read`.
     */
    get: operations['listTokens'];
    put?: never;
    /**
     * Makes a token for a program; its text is shown this once.
     * @description Takes the permission `tokens:write`.
     */
    post: operations['createToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/tokens/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revokes a token.
     * @description Takes the permission `tokens:write`.
     */
    delete: operations['revokeToken'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Clients that match, in the order asked for.
     * @description Takes the permission `clients:read`.
     */
    get: operations['listClients'];
    put?: never;
    /**
     * Creates a client; certifies the key of its request, or makes an enrolment link for it.
     * @description Takes the permission `clients:write`.
     */
    post: operations['createClient'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A client.
     * @description Takes the permission `clients:read`.
     */
    get: operations['getClient'];
    put?: never;
    post?: never;
    /**
     * Ends a client's sessions and forgets it with its certificates; its history stays.
     * @description Takes the permission `clients:write`.
     */
    delete: operations['deleteClient'];
    options?: never;
    head?: never;
    /**
     * Changes a client; one that is disabled or expired by it loses its sessions at once.
     * @description Takes the permission `clients:write`.
     */
    patch: operations['changeClient'];
    trace?: never;
  };
  '/api/v1/clients/{id}/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Ends all sessions of a client, which may come back at once.
     * @description Takes the permission `sessions:write`.
     */
    delete: operations['disconnectClient'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients/{id}/diagnosis': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Why a client cannot connect, or is slow, from what this server knows.
     * @description Takes the permission `clients:read`.
     */
    get: operations['getDiagnosis'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/enrolments': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Enrolment links, the newest first, without their secrets.
     * @description Takes the permission `enrolments:read`.
     */
    get: operations['listEnrolments'];
    put?: never;
    /**
     * Makes a link with which a client gets one certificate; it is shown this once.
     * @description Takes the permission `enrolments:write`.
     */
    post: operations['createEnrolment'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/enrolments/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One enrolment link, without its secret.
     * @description Takes the permission `enrolments:read`.
     */
    get: operations['getEnrolment'];
    put?: never;
    post?: never;
    /**
     * Takes a link back; what was redeemed already is not taken back with it.
     * @description Takes the permission `enrolments:write`.
     */
    delete: operations['revokeEnrolment'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/certificates': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Client certificates in order of fingerprint.
     * @description Takes the permission `certificates:read`.
     */
    get: operations['listCertificates'];
    put?: never;
    /**
     * Lets a client in with a certificate that it has already, whoever issued it.
     * @description Takes the permission `certificates:write`.
     */
    post: operations['importCertificate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/certificates/{sha256}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One client certificate.
     * @description Takes the permission `certificates:read`.
     */
    get: operations['getCertificate'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/certificates/{sha256}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Refuses a certificate from now on and ends its sessions.
     * @description Takes the permission `certificates:write`.
     */
    post: operations['revokeCertificate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/client-tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Bearer tokens of clients, the oldest first, without their texts.
     * @description Takes the permission `enrolments:read`.
     */
    get: operations['listClientTokens'];
    put?: never;
    /**
     * Makes a token for a client that cannot present a certificate; its text is shown this once.
     * @description Takes the permission `enrolments:write`.
     */
    post: operations['createClientToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/client-tokens/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Ends a token and the sessions that came with it.
     * @description Takes the permission `enrolments:write`.
     */
    delete: operations['revokeClientToken'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pki': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Certificate authorities, what depends on them, and the server’s certificate.
     * @description Takes the permission `server:read`.
     */
    get: operations['getPki'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pki/rollover': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Makes a new certificate authority; the old one is trusted until nobody depends on it.
     * @description Takes the permission `server:write`.
     */
    post: operations['rollOverAuthority'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/pki/authorities/{sha256}/retire': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ends a rollover at once: revokes all certificates of the old authority.
     * @description Takes the permission `server:write`.
     */
    post: operations['retireAuthority'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/client-prefixes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Networks that may be behind clients (site to site), of all clients.
     * @description Takes the permission `clients:read`.
     */
    get: operations['listAllClientPrefixes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients/{id}/prefixes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Networks that may be behind a client (site to site).
     * @description Takes the permission `clients:read`.
     */
    get: operations['listClientPrefixes'];
    put?: never;
    /**
     * Lets a client offer a network behind it.
     * @description Takes the permission `clients:write`.
     */
    post: operations['grantClientPrefix'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients/{id}/prefixes/{prefix}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Takes a network behind a client away; nothing is forwarded there any more.
     * @description Takes the permission `clients:write`.
     */
    delete: operations['removeClientPrefix'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/groups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Groups, in order of id.
     * @description Takes the permission `groups:read`.
     */
    get: operations['listGroups'];
    put?: never;
    /**
     * Makes a group without members. Members may do what rules allow them, nothing else.
     * @description Takes the permission `groups:write`.
     */
    post: operations['createGroup'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/groups/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A group.
     * @description Takes the permission `groups:read`.
     */
    get: operations['getGroup'];
    put?: never;
    post?: never;
    /**
     * Deletes a group that no rule names; its members stay clients.
     * @description Takes the permission `groups:write`.
     */
    delete: operations['deleteGroup'];
    options?: never;
    head?: never;
    /**
     * Changes a group; live sessions of its members follow at once.
     * @description Takes the permission `groups:write`.
     */
    patch: operations['changeGroup'];
    trace?: never;
  };
  '/api/v1/groups/{id}/members': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Clients in a group, in order of id.
     * @description Takes the permission `groups:read`.
     */
    get: operations['listGroupMembers'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/groups/{id}/members/{client}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Puts a client into a group; its live sessions follow at once.
     * @description Takes the permission `groups:write`.
     */
    put: operations['addGroupMember'];
    post?: never;
    /**
     * Takes a client out of a group; its live sessions follow at once.
     * @description Takes the permission `groups:write`.
     */
    delete: operations['removeGroupMember'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/rules': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All rules, in the order in which they are judged: the first that matches decides.
     * @description Takes the permission `rules:read`.
     */
    get: operations['listRules'];
    /**
     * Replaces all rules as one; those with an id stay the rules they are.
     * @description Takes the permission `rules:write`.
     */
    put: operations['replaceRules'];
    /**
     * Makes a rule, at the end or where the body says; live sessions follow at once.
     * @description Takes the permission `rules:write`.
     */
    post: operations['createRule'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/rules/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A rule.
     * @description Takes the permission `rules:read`.
     */
    get: operations['getRule'];
    put?: never;
    post?: never;
    /**
     * Deletes a rule; live sessions follow at once.
     * @description Takes the permission `rules:write`.
     */
    delete: operations['deleteRule'];
    options?: never;
    head?: never;
    /**
     * Changes a rule or moves it; live sessions follow at once.
     * @description Takes the permission `rules:write`.
     */
    patch: operations['changeRule'];
    trace?: never;
  };
  '/api/v1/rules/check': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Would this packet pass, and which rule decides?
     * @description Takes the permission `rules:read`.
     */
    post: operations['checkPacket'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/rules/rehearsal': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Which recently sampled flows would another list of rules cut, and which would it let pass?
     * @description Takes the permission `rules:read`.
     */
    post: operations['rehearseRules'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/port-forwards': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Ports of the server that lead to clients, in order of port.
     * @description Takes the permission `rules:read`.
     */
    get: operations['listPortForwards'];
    put?: never;
    /**
     * Has a port of the server lead to a client, wherever the client is.
     * @description Takes the permission `rules:write`.
     */
    post: operations['createPortForward'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/port-forwards/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A port forward.
     * @description Takes the permission `rules:read`.
     */
    get: operations['getPortForward'];
    put?: never;
    post?: never;
    /**
     * Deletes a port forward; its flows end at once.
     * @description Takes the permission `rules:write`.
     */
    delete: operations['deletePortForward'];
    options?: never;
    head?: never;
    /**
     * Changes a port forward; flows that it no longer allows end at once.
     * @description Takes the permission `rules:write`.
     */
    patch: operations['changePortForward'];
    trace?: never;
  };
  '/api/v1/flows': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Flows that were sampled lately on this server, the latest first.
     * @description Takes the permission `flows:read`.
     */
    get: operations['listFlows'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What each client moved in one month (UTC), in order of client.
     * @description Takes the permission `usage:read`.
     */
    get: operations['listUsage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients/{id}/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What a client moved, by day (UTC).
     * @description Takes the permission `usage:read`.
     */
    get: operations['listClientUsage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clients/{id}/effective-limits': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What holds for a client, its groups and the server included, and what it has used of its quota.
     * @description Takes the permission `clients:read`.
     */
    get: operations['getEffectiveLimits'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ClientChange: {
      displayName?: string;
      note?: string | null;
      enabled?: boolean;
      expiresAtMs?: number | null;
      groups?: string[];
      limits?: {
        rateUpBytesPerSecond?: components['schemas']['RateInput'] | null;
        rateDownBytesPerSecond?: components['schemas']['RateInput'] | null;
        monthlyQuotaBytes?: number | null;
        maxSessions?: number | null;
        routes?: string[] | null;
        dns?: components['schemas']['DnsInput'] | null;
        fixedIpv4?: string | null;
        fixedIpv6?: string | null;
      };
    };
    NewClient: {
      displayName?: string;
      note?: string | null;
      enabled?: boolean;
      expiresAtMs?: number | null;
      groups?: string[];
      limits?: {
        rateUpBytesPerSecond?: components['schemas']['RateInput'] | null;
        rateDownBytesPerSecond?: components['schemas']['RateInput'] | null;
        monthlyQuotaBytes?: number | null;
        maxSessions?: number | null;
        routes?: string[] | null;
        dns?: components['schemas']['DnsInput'] | null;
        fixedIpv4?: string | null;
        fixedIpv6?: string | null;
      };
      name: string;
      csrPem?: string;
      enrolment?: {
        lifetimeHours?: number;
      };
      host?: string;
    };
    NewEnrolment: {
      client: string;
      lifetimeHours?: number;
      host?: string;
    };
    ImportedCertificate:
      | {
          client: string;
          certificatePem: string;
        }
      | {
          client: string;
          sha256: string;
          notAfterMs: number;
        };
    CertificateRevocation: {
      reason?: string;
    };
    NewClientToken: {
      client: string;
      expiresAtMs: number | null;
    };
    ProtocolInput: ('any' | 'icmp' | 'tcp' | 'udp') | number;
    RateInput: number;
    DnsInput: {
      servers: string[];
      searchDomains: string[];
    };
    GroupChange: {
      displayName?: string;
      note?: string | null;
      oidcClaim?: string | null;
      limits?: {
        rateUpBytesPerSecond?: components['schemas']['RateInput'] | null;
        rateDownBytesPerSecond?: components['schemas']['RateInput'] | null;
        monthlyQuotaBytes?: number | null;
        maxSessions?: number | null;
        routes?: string[] | null;
        dns?: components['schemas']['DnsInput'] | null;
        sharedRateUpBytesPerSecond?: components['schemas']['RateInput'] | null;
        sharedRateDownBytesPerSecond?: components['schemas']['RateInput'] | null;
      };
    };
    NewGroup: {
      displayName?: string;
      note?: string | null;
      oidcClaim?: string | null;
      limits?: {
        rateUpBytesPerSecond?: components['schemas']['RateInput'] | null;
        rateDownBytesPerSecond?: components['schemas']['RateInput'] | null;
        monthlyQuotaBytes?: number | null;
        maxSessions?: number | null;
        routes?: string[] | null;
        dns?: components['schemas']['DnsInput'] | null;
        sharedRateUpBytesPerSecond?: components['schemas']['RateInput'] | null;
        sharedRateDownBytesPerSecond?: components['schemas']['RateInput'] | null;
      };
      id: string;
    };
    RuleSubjectInput:
      | {
          /** @constant */
          kind: 'everyone';
        }
      | {
          /** @constant */
          kind: 'group';
          id: string;
        }
      | {
          /** @constant */
          kind: 'client';
          id: string;
        }
      | {
          /** @constant */
          kind: 'prefixes';
          prefixes: string[];
        };
    RuleDestinationInput:
      | {
          /** @constant */
          kind: 'any';
        }
      | {
          /** @constant */
          kind: 'prefixes';
          prefixes: string[];
        }
      | {
          /** @constant */
          kind: 'name';
          name: string;
        }
      | {
          /** @constant */
          kind: 'group';
          id: string;
        }
      | {
          /** @constant */
          kind: 'client';
          id: string;
        };
    PortRangeInput: [number, number];
    NewRule: {
      /** @default true */
      enabled: boolean;
      /** @enum {string} */
      action: 'allow' | 'deny';
      subject: components['schemas']['RuleSubjectInput'];
      /**
       * @default {
       *       "kind": "any"
       *     }
       */
      destination: components['schemas']['RuleDestinationInput'];
      /** @default any */
      protocol: components['schemas']['ProtocolInput'];
      /** @default [] */
      ports: components['schemas']['PortRangeInput'][];
      /** @default null */
      note: string | null;
      position?: number;
      /** Format: uuid */
      before?: string;
      /** Format: uuid */
      after?: string;
    };
    RuleChange: {
      enabled?: boolean;
      /** @enum {string} */
      action?: 'allow' | 'deny';
      subject?: components['schemas']['RuleSubjectInput'];
      destination?: components['schemas']['RuleDestinationInput'];
      protocol?: components['schemas']['ProtocolInput'];
      ports?: components['schemas']['PortRangeInput'][];
      note?: string | null;
      position?: number;
      /** Format: uuid */
      before?: string;
      /** Format: uuid */
      after?: string;
    };
    RuleListChange: {
      items: {
        /** @default true */
        enabled: boolean;
        /** @enum {string} */
        action: 'allow' | 'deny';
        subject: components['schemas']['RuleSubjectInput'];
        /**
         * @default {
         *       "kind": "any"
         *     }
         */
        destination: components['schemas']['RuleDestinationInput'];
        /** @default any */
        protocol: components['schemas']['ProtocolInput'];
        /** @default [] */
        ports: components['schemas']['PortRangeInput'][];
        /** @default null */
        note: string | null;
        /** Format: uuid */
        id?: string;
      }[];
    };
    Endpoint:
      | {
          client: string;
        }
      | {
          address: string;
        };
    Target:
      | {
          client: string;
        }
      | {
          address: string;
        }
      | {
          name: string;
        };
    Packet: {
      from: components['schemas']['Endpoint'];
      to: components['schemas']['Target'];
      protocol: ('icmp' | 'tcp' | 'udp') | number;
      /** @default null */
      port: number | null;
    };
    NewPortForward: {
      /** @default true */
      enabled: boolean;
      /** @enum {string} */
      protocol: 'tcp' | 'udp';
      publicPort: number;
      clientId: string;
      clientPort: number;
      /** @default [] */
      sources: string[];
      /** @default null */
      note: string | null;
    };
    PortForwardChange: {
      enabled?: boolean;
      /** @enum {string} */
      protocol?: 'tcp' | 'udp';
      publicPort?: number;
      clientId?: string;
      clientPort?: number;
      sources?: string[];
      note?: string | null;
    };
    NewClientPrefix: {
      prefix: string;
    };
    SettingsChange: {
      defaultGroups?: string[];
      enrolmentLifetimeHours?: number;
      auditDays?: number;
      expiryNoticeDays?: number;
    };
    NewWebhook: {
      url: string;
      events: (
        | 'session.connected'
        | 'session.disconnected'
        | 'session.refused'
        | 'client.quotaExceeded'
        | 'client.expiring'
        | 'certificate.expiring'
      )[];
      /** @default true */
      enabled: boolean;
    };
    WebhookChange: {
      url?: string;
      events?: (
        | 'session.connected'
        | 'session.disconnected'
        | 'session.refused'
        | 'client.quotaExceeded'
        | 'client.expiring'
        | 'certificate.expiring'
      )[];
      enabled?: boolean;
    };
    NewAdministrator: {
      name: string;
      /** @enum {string} */
      role: 'owner' | 'operator' | 'reader';
      password?: string;
    };
    AdministratorChange: {
      /** @enum {string} */
      role?: 'owner' | 'operator' | 'reader';
      enabled?: boolean;
      password?: string;
      /** @constant */
      resetTotp?: true;
    };
    Credentials: {
      name: string;
      password: string;
      code?: string;
    };
    SetUp: {
      secret: string;
      name?: string;
      password: string;
    };
    PasswordChange: {
      current: string;
      next: string;
    };
    TotpOn: {
      secret: string;
      code: string;
      password: string;
    };
    TotpOff: {
      code: string;
      password: string;
    };
    NewToken: {
      name: string;
      permissions: (
        | 'clients:read'
        | 'clients:write'
        | 'enrolments:read'
        | 'enrolments:write'
        | 'certificates:read'
        | 'certificates:write'
        | 'groups:read'
        | 'groups:write'
        | 'rules:read'
        | 'rules:write'
        | 'sessions:read'
        | 'sessions:write'
        | 'pools:read'
        | 'pools:write'
        | 'usage:read'
        | 'usage:write'
        | 'flows:read'
        | 'flows:write'
        | 'audit:read'
        | 'audit:write'
        | 'settings:read'
        | 'settings:write'
        | 'administrators:read'
        | 'administrators:write'
        | 'tokens:read'
        | 'tokens:write'
        | 'webhooks:read'
        | 'webhooks:write'
        | 'logs:read'
        | 'logs:write'
        | 'server:read'
        | 'server:write'
      )[];
      expiresAtMs: number | null;
    };
    NewDevice: {
      displayName: string;
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      code: string;
    };
    Health: {
      /** @enum {string} */
      status: 'ok' | 'degraded';
      problems: string[];
    };
    Status: {
      version: string;
      startedAtMs: number;
      uptimeSeconds: number;
      udpAddress: string;
      publicHost: string;
      caSha256: string;
      tun: {
        active: boolean;
        name: string;
        mtu: number;
        problem: {
          code: string;
          message: string;
        } | null;
        warnings: string[];
      };
      store: {
        available: boolean;
        /** @enum {string} */
        kind: 'sqlite' | 'postgres';
        readMs: number | null;
        writeMs: number | null;
        failures: number;
      };
      certificates: {
        authorityNotAfterMs: number;
        serverNotAfterMs: number;
        nextClientNotAfterMs: number | null;
      };
      eventLoop: {
        medianMs: number | null;
        p99Ms: number | null;
      };
      workers: {
        busyShare: number | null;
      };
      process: {
        residentBytes: number;
        openFiles: number | null;
        mostFiles: number | null;
      };
      clients: {
        total: number;
        enabled: number;
      };
      sessions: {
        open: number;
        total: number;
      };
      pool: {
        ipv4: {
          total: number;
          used: number;
          available: number;
        };
        ipv6: {
          used: number;
        };
      };
    };
    CheckFinding: {
      /** @enum {string} */
      code:
        | 'UDP_PORT_REACHED'
        | 'UDP_PORT_SILENT'
        | 'UDP_PORT_ON_LOOPBACK'
        | 'UDP_PORT_FILTERED'
        | 'PUBLIC_HOST_UNRESOLVED'
        | 'PUBLIC_HOST_ELSEWHERE'
        | 'PUBLIC_HOST_PRIVATE'
        | 'ENROLMENT_PORT_CLOSED'
        | 'TUN_DOWN'
        | 'HOST_NOT_MANAGED'
        | 'FORWARDING_OFF'
        | 'FORWARD_CHAIN_DROPS'
        | 'DEFAULT_ROUTE_MISSING'
        | 'FORWARDING_READY'
        | 'PACKETS_RETURNED'
        | 'PACKETS_NOT_RETURNED'
        | 'NAT_OFF'
        | 'NAT_MISSING'
        | 'NAT_READY'
        | 'NAT_ANSWERED'
        | 'HOST_UNREADABLE';
      /** @enum {string} */
      severity: 'ok' | 'info' | 'unknown' | 'warning' | 'problem';
      facts: {
        [key: string]: string | number | boolean | null | string[];
      };
      message: string;
      remedy: string | null;
    };
    Check: {
      /** @enum {string} */
      id: 'udpPort' | 'forwarding' | 'nat';
      /** @enum {string} */
      state: 'ok' | 'problem' | 'unknown';
      findings: components['schemas']['CheckFinding'][];
    };
    Checks: {
      checkedAtMs: number;
      checks: components['schemas']['Check'][];
    };
    ConnectionFinding: {
      /** @enum {string} */
      code:
        | 'CLIENT_DISABLED'
        | 'CLIENT_EXPIRED'
        | 'CLIENT_NOT_ENROLLED'
        | 'LINK_UNUSED'
        | 'LINK_EXPIRED'
        | 'CERTIFICATE_REVOKED'
        | 'CERTIFICATE_EXPIRED'
        | 'CERTIFICATE_NOT_YET_VALID'
        | 'CERTIFICATE_EXPIRES_SOON'
        | 'TUN_DOWN'
        | 'STORE_UNAVAILABLE'
        | 'QUOTA_EXCEEDED'
        | 'POOL_EXHAUSTED'
        | 'LIMIT_PER_CLIENT'
        | 'LIMIT_OF_SERVER'
        | 'REFUSED_LATELY'
        | 'ADDRESS_RESTING'
        | 'CLIENT_NEVER_SEEN'
        | 'CLIENT_CONNECTED'
        | 'NOTHING_ALLOWED'
        | 'FLOWS_REFUSED'
        | 'NOTHING_IN_THE_WAY';
      /** @enum {string} */
      severity: 'ok' | 'info' | 'unknown' | 'warning' | 'problem';
      facts: {
        [key: string]: string | number | boolean | null | string[];
      };
      message: string;
      remedy: string | null;
    };
    SpeedFinding: {
      /** @enum {string} */
      code:
        | 'CLIENT_NOT_CONNECTED'
        | 'RATE_LIMIT_BINDS'
        | 'QUOTA_NEARLY_USED'
        | 'PATH_LOSES'
        | 'PATH_IS_LONG'
        | 'PATH_MTU_SMALL'
        | 'QUEUE_DROPS'
        | 'WORKERS_BUSY'
        | 'EVENT_LOOP_BUSY'
        | 'NOTHING_SLOWS';
      /** @enum {string} */
      severity: 'ok' | 'info' | 'unknown' | 'warning' | 'problem';
      facts: {
        [key: string]: string | number | boolean | null | string[];
      };
      message: string;
      remedy: string | null;
    };
    Diagnosis: {
      clientId: string;
      atMs: number;
      connected: boolean;
      connection: components['schemas']['ConnectionFinding'][];
      speed: components['schemas']['SpeedFinding'][];
    };
    Throughput: {
      /** @enum {string} */
      range: '15m' | '1h' | '6h' | '24h';
      resolutionMs: number;
      fromMs: number;
      keptSinceMs: number;
      bytesSentPerSecond: number[];
      bytesReceivedPerSecond: number[];
      openSessions: number[];
      refusals: number[];
    };
    ClientCertificate: {
      sha256: string;
      notBeforeMs: number;
      notAfterMs: number;
      revokedAtMs: number | null;
    };
    Client: {
      id: string;
      displayName: string;
      note: string | null;
      owner: string | null;
      enabled: boolean;
      expiresAtMs: number | null;
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
      groups: string[];
      limits: components['schemas']['ClientLimits'];
      addresses: string[];
      openSessions: number;
      lastConnectedAtMs: number | null;
      certificates: components['schemas']['ClientCertificate'][];
    };
    ClientList: {
      items: components['schemas']['Client'][];
      nextCursor: string | null;
    };
    CreatedClient: {
      client: components['schemas']['Client'];
      certificatePem: string | null;
      enrolment: {
        id: string;
        link: string;
        expiresAtMs: number;
      } | null;
      caPem: string;
      url: string;
      addressHints: string[];
    };
    Disconnected: {
      sessionsEnded: number;
    };
    Enrolment: {
      /** Format: uuid */
      id: string;
      client: string;
      /** @enum {string} */
      state: 'open' | 'redeemed' | 'expired' | 'revoked';
      createdBy: string;
      createdAtMs: number;
      expiresAtMs: number;
      redeemedAtMs: number | null;
      redeemedFrom: string | null;
      certificateSha256: string | null;
      revokedAtMs: number | null;
    };
    EnrolmentList: {
      items: components['schemas']['Enrolment'][];
      nextCursor: string | null;
    };
    CreatedEnrolment: {
      /** Format: uuid */
      id: string;
      client: string;
      link: string;
      expiresAtMs: number;
    };
    Certificate: {
      sha256: string;
      client: string;
      serial: string;
      /** @enum {string} */
      origin: 'issued' | 'imported';
      issuerSha256: string | null;
      notBeforeMs: number;
      notAfterMs: number;
      createdAtMs: number;
      revokedAtMs: number | null;
      revocationReason: string | null;
    };
    CertificateList: {
      items: components['schemas']['Certificate'][];
      nextCursor: string | null;
    };
    RevokedCertificate: {
      sessionsEnded: number;
    };
    ClientToken: {
      /** Format: uuid */
      id: string;
      client: string;
      createdAtMs: number;
      expiresAtMs: number | null;
      revokedAtMs: number | null;
    };
    ClientTokenList: {
      items: components['schemas']['ClientToken'][];
      nextCursor: string | null;
    };
    CreatedClientToken: {
      token: components['schemas']['ClientToken'];
      text: string;
      accepted: boolean;
    };
    Authority: {
      sha256: string;
      certificatePem: string;
      createdAtMs: number;
      notAfterMs: number;
      retiredAtMs: number | null;
      issuing: boolean;
      serving: boolean;
      dependents: {
        certificates: number;
        lastExpiryMs: number | null;
        enrolments: number;
      } | null;
    };
    Pki: {
      authorities: components['schemas']['Authority'][];
      anchorsPem: string;
      systemRoots: boolean;
      serverCertificate: {
        /** @enum {string} */
        source: 'authority' | 'acme' | 'own';
        sha256: string;
        notAfterMs: number;
      };
      masterKey: {
        /** @enum {string} */
        source: 'environment' | 'credential' | 'configured' | 'stateFolder';
      };
    };
    RetiredAuthority: {
      certificatesRevoked: number;
      sessionsEnded: number;
    };
    Path: {
      rttMs: number | null;
      lossRatio: number | null;
      pathMtu: number | null;
      congestionWindowBytes: number | null;
      congestionRate: number | null;
      congestionMode: ('startup' | 'alone' | 'test' | 'sharing' | 'bbr' | 'cubic') | null;
    };
    Session: {
      id: string;
      clientId: string;
      remoteAddress: string;
      addresses: string[];
      startedAtMs: number;
      bytesSent: number;
      bytesReceived: number;
      packetsSent: number;
      packetsReceived: number;
      dropsSending: number;
      dropsReceiving: number;
      tunnelMtu: number | null;
      path: components['schemas']['Path'];
    };
    SessionList: {
      items: components['schemas']['Session'][];
      nextCursor: string | null;
    };
    SessionServer: {
      id: string;
      name: string | null;
    };
    PastSession: {
      id: string;
      clientId: string;
      /** @enum {string} */
      state: 'open' | 'ended' | 'refused';
      server: components['schemas']['SessionServer'] | null;
      remoteAddress: string;
      addresses: string[];
      startedAtMs: number;
      endedAtMs: number | null;
      cause: string | null;
      code: number | null;
      bytesSent: number;
      bytesReceived: number;
      packetsSent: number;
      packetsReceived: number;
    };
    PastSessionList: {
      items: components['schemas']['PastSession'][];
      nextCursor: string | null;
    };
    SessionDetail: {
      id: string;
      clientId: string;
      /** @enum {string} */
      state: 'open' | 'ended' | 'refused';
      server: components['schemas']['SessionServer'] | null;
      remoteAddress: string;
      addresses: string[];
      startedAtMs: number;
      endedAtMs: number | null;
      cause: string | null;
      code: number | null;
      bytesSent: number;
      bytesReceived: number;
      packetsSent: number;
      packetsReceived: number;
      live: components['schemas']['Session'] | null;
    };
    Protocol: ('any' | 'icmp' | 'tcp' | 'udp') | number;
    Rate: number;
    Dns: {
      servers: string[];
      searchDomains: string[];
    };
    ClientLimits: {
      rateUpBytesPerSecond: components['schemas']['Rate'] | null;
      rateDownBytesPerSecond: components['schemas']['Rate'] | null;
      monthlyQuotaBytes: number | null;
      maxSessions: number | null;
      routes: string[] | null;
      dns: components['schemas']['Dns'] | null;
      fixedIpv4: string | null;
      fixedIpv6: string | null;
    };
    GroupLimits: {
      rateUpBytesPerSecond: components['schemas']['Rate'] | null;
      rateDownBytesPerSecond: components['schemas']['Rate'] | null;
      monthlyQuotaBytes: number | null;
      maxSessions: number | null;
      routes: string[] | null;
      dns: components['schemas']['Dns'] | null;
      sharedRateUpBytesPerSecond: components['schemas']['Rate'] | null;
      sharedRateDownBytesPerSecond: components['schemas']['Rate'] | null;
    };
    EffectiveLimits: {
      rateUpBytesPerSecond: number | null;
      rateDownBytesPerSecond: number | null;
      monthlyQuotaBytes: number | null;
      monthUsedBytes: number;
      maxSessions: number;
      routes: string[];
      dns: components['schemas']['Dns'] | null;
    };
    Group: {
      id: string;
      displayName: string;
      note: string | null;
      limits: components['schemas']['GroupLimits'];
      oidcClaim: string | null;
      members: number;
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
    };
    GroupList: {
      items: components['schemas']['Group'][];
      nextCursor: string | null;
    };
    Member: {
      clientId: string;
    };
    MemberList: {
      items: components['schemas']['Member'][];
      nextCursor: string | null;
    };
    RuleSubject:
      | {
          /** @constant */
          kind: 'everyone';
        }
      | {
          /** @constant */
          kind: 'group';
          id: string;
        }
      | {
          /** @constant */
          kind: 'client';
          id: string;
        }
      | {
          /** @constant */
          kind: 'prefixes';
          prefixes: string[];
        };
    RuleDestination:
      | {
          /** @constant */
          kind: 'any';
        }
      | {
          /** @constant */
          kind: 'prefixes';
          prefixes: string[];
        }
      | {
          /** @constant */
          kind: 'name';
          name: string;
        }
      | {
          /** @constant */
          kind: 'group';
          id: string;
        }
      | {
          /** @constant */
          kind: 'client';
          id: string;
        };
    PortRange: [number, number];
    PolicyWarning: {
      code: string;
      message: string;
    };
    Rule: {
      /** Format: uuid */
      id: string;
      number: number;
      position: number;
      enabled: boolean;
      /** @enum {string} */
      action: 'allow' | 'deny';
      subject: components['schemas']['RuleSubject'];
      destination: components['schemas']['RuleDestination'];
      protocol: components['schemas']['Protocol'];
      ports: components['schemas']['PortRange'][];
      note: string | null;
      addresses: string[] | null;
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
    };
    RuleList: {
      items: components['schemas']['Rule'][];
      nextCursor: null;
      version: number;
    };
    ChangedRule: {
      /** Format: uuid */
      id: string;
      number: number;
      position: number;
      enabled: boolean;
      /** @enum {string} */
      action: 'allow' | 'deny';
      subject: components['schemas']['RuleSubject'];
      destination: components['schemas']['RuleDestination'];
      protocol: components['schemas']['Protocol'];
      ports: components['schemas']['PortRange'][];
      note: string | null;
      addresses: string[] | null;
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
      warnings: components['schemas']['PolicyWarning'][];
    };
    ChangedRuleList: {
      items: components['schemas']['Rule'][];
      nextCursor: null;
      version: number;
      warnings: components['schemas']['PolicyWarning'][];
    };
    Explanation: {
      passes: boolean;
      reason: string;
      message: string;
      rule: components['schemas']['Rule'] | null;
      portForwardId: string | null;
      fromClientId: string | null;
      toClientId: string | null;
      toAddress: string | null;
    };
    Flow: {
      clientId: string;
      /** @enum {string} */
      direction: 'fromClient' | 'toClient';
      /** @enum {string} */
      verdict: 'allowed' | 'refused';
      ruleId: string | null;
      ruleNumber: number | null;
      clientAddress: string;
      remoteAddress: string;
      remoteClientId: string | null;
      protocol: components['schemas']['Protocol'];
      port: number | null;
      count: number;
      firstAtMs: number;
      lastAtMs: number;
    };
    FlowList: {
      items: components['schemas']['Flow'][];
      nextCursor: string | null;
    };
    FlowChange: {
      flow: components['schemas']['Flow'];
      position: number | null;
    };
    Rehearsal: {
      flows: number;
      cut: components['schemas']['FlowChange'][];
      opened: components['schemas']['FlowChange'][];
      warnings: components['schemas']['PolicyWarning'][];
    };
    DailyUsage: {
      clientId: string;
      /** Format: date */
      day: string;
      bytesIn: number;
      packetsIn: number;
      bytesOut: number;
      packetsOut: number;
      sessions: number;
    };
    DailyUsageList: {
      items: components['schemas']['DailyUsage'][];
      nextCursor: null;
    };
    MonthlyUsage: {
      clientId: string;
      month: string;
      bytesIn: number;
      packetsIn: number;
      bytesOut: number;
      packetsOut: number;
      sessions: number;
      monthlyQuotaBytes: number | null;
    };
    MonthlyUsageList: {
      items: components['schemas']['MonthlyUsage'][];
      nextCursor: string | null;
    };
    PortForward: {
      /** Format: uuid */
      id: string;
      enabled: boolean;
      /** @enum {string} */
      protocol: 'tcp' | 'udp';
      publicPort: number;
      clientId: string;
      clientPort: number;
      sources: string[];
      note: string | null;
      addresses: string[];
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
    };
    PortForwardList: {
      items: components['schemas']['PortForward'][];
      nextCursor: null;
    };
    ClientPrefix: {
      /** Format: uuid */
      id: string;
      prefix: string;
      active: boolean;
      createdAtMs: number;
    };
    ClientPrefixList: {
      items: components['schemas']['ClientPrefix'][];
      nextCursor: null;
    };
    AllClientPrefixes: {
      items: {
        /** Format: uuid */
        id: string;
        prefix: string;
        active: boolean;
        createdAtMs: number;
        clientId: string;
      }[];
      nextCursor: null;
    };
    AuditEntry: {
      id: string;
      atMs: number;
      actor: {
        /** @enum {string} */
        kind: 'administrator' | 'token' | 'local' | 'person' | 'client' | 'anonymous' | 'system';
        name: string;
        remoteAddress: string | null;
      };
      action: string;
      target: {
        kind: string;
        id: string;
      };
      detail: {
        [key: string]: unknown;
      };
    };
    AuditList: {
      items: components['schemas']['AuditEntry'][];
      nextCursor: string | null;
    };
    ConfigurationSetting: {
      key: string;
      description: string;
      value: string | number | boolean | string[];
      /** @enum {string} */
      source: 'default' | 'file' | 'command';
    };
    Configuration: {
      file: string | null;
      sections: {
        name: string;
        description: string;
        settings: components['schemas']['ConfigurationSetting'][];
      }[];
    };
    LogEntry: {
      atMs: number;
      /** @enum {string} */
      level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
      message: string;
      clientId: string | null;
      sessionId: string | null;
      fields: {
        [key: string]: unknown;
      };
    };
    LogList: {
      items: components['schemas']['LogEntry'][];
      nextCursor: string | null;
    };
    Pool: {
      prefix: string;
      total: number;
      leased: number;
      quarantined: number;
    };
    Pools: {
      ipv4: {
        total: number;
        used: number;
        quarantined: number;
        available: number;
        gateway: string | null;
        pools: components['schemas']['Pool'][];
      };
      ipv6: {
        total: number;
        used: number;
        quarantined: number;
        available: number;
        gateway: string | null;
        pools: components['schemas']['Pool'][];
      };
    };
    Lease: {
      address: string;
      clientId: string | null;
      /** @enum {string} */
      state: 'leased' | 'quarantined' | 'free';
      lastUsedAtMs: number;
      quarantinedUntilMs: number | null;
    };
    LeaseList: {
      items: components['schemas']['Lease'][];
      nextCursor: string | null;
    };
    Settings: {
      /**
       * @default [
       *       "default"
       *     ]
       */
      defaultGroups: string[];
      /** @default 24 */
      enrolmentLifetimeHours: number;
      /** @default 730 */
      auditDays: number;
      /** @default 7 */
      expiryNoticeDays: number;
      version: number;
    };
    Webhook: {
      id: string;
      url: string;
      events: string[];
      enabled: boolean;
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
      pending: number;
      dead: number;
    };
    WebhookList: {
      items: components['schemas']['Webhook'][];
      nextCursor: string | null;
    };
    WebhookSecret: {
      webhook: components['schemas']['Webhook'];
      secret: string;
    };
    WebhookTest: {
      delivered: boolean;
      status: number | null;
      error: string | null;
    };
    Delivery: {
      id: string;
      event: string;
      /** @enum {string} */
      state: 'pending' | 'delivered' | 'dead';
      attempts: number;
      createdAtMs: number;
      nextAttemptAtMs: number | null;
      deliveredAtMs: number | null;
      lastError: string | null;
      body: string;
    };
    DeliveryList: {
      items: components['schemas']['Delivery'][];
      nextCursor: string | null;
    };
    Administrator: {
      id: string;
      /** @enum {string} */
      role: 'owner' | 'operator' | 'reader';
      enabled: boolean;
      hasPassword: boolean;
      hasTotp: boolean;
      oidcIssuer: string | null;
      lastLoginAtMs: number | null;
      createdAtMs: number;
      updatedAtMs: number;
      version: number;
    };
    SetUpLink: {
      secret: string;
      path: string;
      expiresAtMs: number;
    };
    CreatedAdministrator: {
      administrator: components['schemas']['Administrator'];
      link: components['schemas']['SetUpLink'] | null;
    };
    LoginOptions: {
      firstOwnerMissing: boolean;
      /** @constant */
      password: true;
      oidc: {
        label: string;
      } | null;
    };
    SignedIn: {
      /** @constant */
      signedIn: true;
    };
    Principal: {
      /** @enum {string} */
      kind: 'administrator' | 'token' | 'local' | 'person';
      name: string;
      permissions: (
        | 'clients:read'
        | 'clients:write'
        | 'enrolments:read'
        | 'enrolments:write'
        | 'certificates:read'
        | 'certificates:write'
        | 'groups:read'
        | 'groups:write'
        | 'rules:read'
        | 'rules:write'
        | 'sessions:read'
        | 'sessions:write'
        | 'pools:read'
        | 'pools:write'
        | 'usage:read'
        | 'usage:write'
        | 'flows:read'
        | 'flows:write'
        | 'audit:read'
        | 'audit:write'
        | 'settings:read'
        | 'settings:write'
        | 'administrators:read'
        | 'administrators:write'
        | 'tokens:read'
        | 'tokens:write'
        | 'webhooks:read'
        | 'webhooks:write'
        | 'logs:read'
        | 'logs:write'
        | 'server:read'
        | 'server:write'
      )[];
      hasTotp: boolean | null;
      hasDevices: boolean;
    };
    SessionOwner: {
      principal: components['schemas']['Principal'] | null;
    };
    TotpOffer: {
      secret: string;
      uri: string;
    };
    LoginSession: {
      /** Format: uuid */
      id: string;
      current: boolean;
      remoteAddress: string;
      userAgent: string;
      createdAtMs: number;
      lastUsedAtMs: number;
      expiresAtMs: number;
    };
    LoginSessionList: {
      items: components['schemas']['LoginSession'][];
    };
    Token: {
      /** Format: uuid */
      id: string;
      name: string;
      permissions: string[];
      createdAtMs: number;
      expiresAtMs: number | null;
      lastUsedAtMs: number | null;
      revokedAtMs: number | null;
    };
    CreatedToken: {
      token: components['schemas']['Token'];
      text: string;
    };
    Device: {
      id: string;
      displayName: string;
      enabled: boolean;
      expiresAtMs: number | null;
      createdAtMs: number;
    };
    DeviceList: {
      items: components['schemas']['Device'][];
    };
    DeviceLink: {
      link: string;
      expiresAtMs: number;
    };
    CreatedDevice: {
      device: components['schemas']['Device'];
      enrolment: components['schemas']['DeviceLink'];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getMetrics: {
    parameters: {
      query?: {
        scraper?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stream. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain; version=0.0.4; charset=utf-8': string;
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getStatus: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Status'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getChecks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Checks'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getThroughput: {
    parameters: {
      query?: {
        range?: '15m' | '1h' | '6h' | '24h';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Throughput'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listSessions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        client?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listPastSessions: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        client?: string;
        state?: 'open' | 'ended' | 'refused';
        cause?: string;
        fromMs?: number;
        untilMs?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PastSessionList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionDetail'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  disconnectSession: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPools: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Pools'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listLeases: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        client?: string;
        state?: 'leased' | 'quarantined' | 'free';
        family?: '4' | '6';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LeaseList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  endQuarantine: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        address: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Settings'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeSettings: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SettingsChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Settings'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getConfiguration: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Configuration'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listAudit: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        actor?: string;
        action?: string;
        targetKind?: string;
        target?: string;
        fromMs?: number;
        untilMs?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  exportAudit: {
    parameters: {
      query?: {
        actor?: string;
        action?: string;
        targetKind?: string;
        target?: string;
        fromMs?: number;
        untilMs?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stream. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson; charset=utf-8': string;
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getBackup: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stream. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/gzip': string;
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listLogs: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
        client?: string;
        session?: string;
        q?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LogList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listenToEvents: {
    parameters: {
      query: {
        topics: string;
        client?: string;
        session?: string;
        level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
        lastEventId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stream. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream; charset=utf-8': string;
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listWebhooks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createWebhook: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewWebhook'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookSecret'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteWebhook: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeWebhook: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['WebhookChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  renewWebhookSecret: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookSecret'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  testWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookTest'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listDeliveries: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        state?: 'pending' | 'delivered' | 'dead';
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  retryDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        delivery: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getLogin: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LoginOptions'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  login: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Credentials'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SignedIn'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  logout: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  setUp: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SetUp'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SignedIn'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  startOidc: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      303: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  finishOidc: {
    parameters: {
      query?: {
        state?: string;
        code?: string;
        iss?: string;
        error?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      303: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getMe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Principal'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getSessionOwner: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionOwner'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changePassword: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PasswordChange'];
      };
    };
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  turnTotpOn: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TotpOn'];
      };
    };
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  offerTotp: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TotpOffer'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  turnTotpOff: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TotpOff'];
      };
    };
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listOwnSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LoginSessionList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  endOwnSession: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listOwnDevices: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeviceList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createOwnDevice: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewDevice'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedDevice'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  enrolOwnDevice: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeviceLink'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteOwnDevice: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listAdministrators: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Administrator'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createAdministrator: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewAdministrator'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedAdministrator'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getAdministrator: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Administrator'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteAdministrator: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeAdministrator: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AdministratorChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Administrator'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createAdministratorLink: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SetUpLink'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listTokens: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: components['schemas']['Token'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewToken'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedToken'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeToken: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listClients: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        q?: string;
        group?: string;
        enabled?: 'true' | 'false';
        online?: 'true' | 'false';
        sort?: 'id' | 'displayName' | 'createdAt' | 'expiresAt' | 'lastConnectedAt';
        order?: 'asc' | 'desc';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createClient: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewClient'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedClient'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getClient: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Client'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteClient: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeClient: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ClientChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Client'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  disconnectClient: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Disconnected'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDiagnosis: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Diagnosis'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listEnrolments: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        client?: string;
        open?: 'true' | 'false';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EnrolmentList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createEnrolment: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewEnrolment'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedEnrolment'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getEnrolment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Enrolment'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeEnrolment: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listCertificates: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        client?: string;
        origin?: 'issued' | 'imported';
        usable?: 'true' | 'false';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CertificateList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  importCertificate: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ImportedCertificate'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Certificate'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getCertificate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Certificate'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeCertificate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        sha256: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CertificateRevocation'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RevokedCertificate'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listClientTokens: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        client?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientTokenList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createClientToken: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewClientToken'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedClientToken'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeClientToken: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPki: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Pki'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  rollOverAuthority: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Pki'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  retireAuthority: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        sha256: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetiredAuthority'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listAllClientPrefixes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AllClientPrefixes'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listClientPrefixes: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientPrefixList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  grantClientPrefix: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewClientPrefix'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClientPrefix'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  removeClientPrefix: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
        prefix: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listGroups: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['GroupList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createGroup: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewGroup'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Group'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getGroup: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Group'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteGroup: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeGroup: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['GroupChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Group'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listGroupMembers: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MemberList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  addGroupMember: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
        client: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  removeGroupMember: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
        client: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listRules: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RuleList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  replaceRules: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RuleListChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChangedRuleList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createRule: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewRule'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChangedRule'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getRule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Rule'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteRule: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeRule: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RuleChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ChangedRule'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  checkPacket: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Packet'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Explanation'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  rehearseRules: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RuleListChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Rehearsal'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listPortForwards: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PortForwardList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createPortForward: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewPortForward'];
      };
    };
    responses: {
      /** @description Default Response */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PortForward'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPortForward: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PortForward'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deletePortForward: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changePortForward: {
    parameters: {
      query?: never;
      header?: {
        'if-match'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PortForwardChange'];
      };
    };
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PortForward'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listFlows: {
    parameters: {
      query?: {
        limit?: number;
        client?: string;
        verdict?: 'allowed' | 'refused';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FlowList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listUsage: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        month?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MonthlyUsageList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listClientUsage: {
    parameters: {
      query?: {
        from?: string;
        to?: string;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DailyUsageList'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getEffectiveLimits: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Default Response */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EffectiveLimits'];
        };
      };
      /** @description The request is refused; `code` says why. */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The server cannot answer it now; `code` says why. */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
