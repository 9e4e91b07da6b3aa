namespace Portcullis.Commands;

/// <summary>The file that <c>init</c> writes. A test loads it.</summary>
internal static class StarterConfiguration
{
    public static ReadOnlySpan<byte> Yaml => """
        # Configuration of Portcullis. Every key, its default and its limits: docs/configuration in the project, or `portcullis schema`.
        # After a change: `portcullis check`. A running gateway takes over a valid file by itself and keeps the old one otherwise.
        #
        # Secrets stay outside: write ${env:NAME} or ${file:PATH} for a value. $${ is a plain ${.
        # Environment variables go over the file: PORTCULLIS__identity__issuer=https://… sets identity.issuer.

        # Keys, certificates and the database. Made with access for the owner alone.
        data: ./portcullis-data

        # Where the gateway listens.
        listeners:
          public:
            address: 127.0.0.1:8443          # 0.0.0.0:8443 takes connections from other machines
            tls: {}                          # a development certificate; for a real one:
            # tls:
            #   certificate: tls/chain.pem
            #   privateKey: tls/key.pem
            # trustedProxies: [10.0.0.0/8]   # load balancers in front whose X-Forwarded-For is believed
            # firewall: { default: deny, allow: [203.0.113.0/24] }
            # limits: { bodyBytes: 10MiB, connectionsPerAddress: 200 }
          plain:
            address: 127.0.0.1:8080          # no tls: plain HTTP, used below for a redirect alone

        # Health, metrics and administration; reachable from this machine alone.
        admin:
          address: 127.0.0.1:9443

        # The services behind the gateway.
        clusters:
          orders:
            destinations: ["http://127.0.0.1:9001"]
            # balance: powerOfTwo            # roundRobin | random | leastRequests | hash
            # health: { path: /healthz }     # also asks each destination; failing requests are noticed without
            # timeout: 30s

        # What is served. The most specific route wins; what no route matches gets 404.
        routes:
          # Needs an access token that carries orders:read.
          orders:
            match: { listeners: [public], path: "/orders/{**rest}", methods: [GET, HEAD] }
            cluster: orders
            policies:
              authenticate: token            # must be written; none leaves a route open to everybody
              authorize: { permissions: [orders:read] }
              rateLimit:
                - { by: address, limit: 50, period: 1s, burst: 100 }
                - { by: caller, limit: 1000, period: 1m }
              waf: block                     # or detect, to see first in the decision log what it would refuse
              headers: { preset: api }

          # Sends browsers to TLS.
          to-tls:
            match: { listeners: [plain], path: "/{**rest}" }
            redirect: { scheme: https, port: 8443 }
            policies: { authenticate: none }

        # The gateway's own token service: `portcullis client add` makes a client, which gets tokens at /oauth/token.
        identity:
          issuer: https://localhost:8443
          # accessToken: { lifetime: 1h, algorithm: RS256 }
          # externalIssuers: [{ issuer: "https://login.example.com", audience: api }]

        # The firewall's rules for routes with waf: the built-in ones, or the OWASP Core Rule Set from disk.
        # waf:
        #   rules: [/etc/modsecurity/crs/crs-setup.conf, "/usr/share/modsecurity-crs/rules/*.conf"]

        # telemetry:
        #   decisionLog: decisions.jsonl     # one line for each request: who, what, allowed or why not

        """u8;
}
