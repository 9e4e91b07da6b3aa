// Passkeys: fills the answer of an authenticator into a form and sends it. Nothing else on these pages needs a script.
'use strict';
(() => {
  const octets = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), character => character.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const credentials = list => (list || []).map(one => ({ ...one, id: octets(one.id) }));
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const read = form => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = octets(options.challenge);
    if (options.user) options.user.id = octets(options.user.id);
    if (options.excludeCredentials) options.excludeCredentials = credentials(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = credentials(options.allowCredentials);
    return options;
  };

  const send = (form, credential) => {
    const answer = credential.response;
    const fields = form.dataset.passkey === 'create'
      ? { client: answer.clientDataJSON, attestation: answer.attestationObject }
      : { id: credential.rawId, client: answer.clientDataJSON, authenticator: answer.authenticatorData, signature: answer.signature, user: answer.userHandle };
    for (const [name, value] of Object.entries(fields)) form.elements[name].value = value ? text(value) : '';
    form.submit();
  };

  let offered = null;
  const ask = async (form, more) => {
    const publicKey = read(form);
    const credential = form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey, ...more });
    if (credential) send(form, credential);
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false;
    const problem = form.querySelector('[role=alert]');
    form.addEventListener('submit', async event => {
      event.preventDefault();
      problem.hidden = true;
      if (offered) offered.abort();
      try {
        await ask(form, {});
      } catch {
        problem.hidden = false;
      }
    });

    // The browser offers passkeys where the name is typed, and asks nothing of who has none.
    if (form.dataset.offered === 'yes' && PublicKeyCredential.isConditionalMediationAvailable) {
      PublicKeyCredential.isConditionalMediationAvailable().then(isThere => {
        if (!isThere) return undefined;
        offered = new AbortController();
        return ask(form, { mediation: 'conditional', signal: offered.signal });
      }).catch(() => {});
    }
  }

  for (const text of document.querySelectorAll('.no-passkeys')) text.hidden = true;
})();
