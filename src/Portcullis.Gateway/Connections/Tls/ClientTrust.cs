using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>Judges clients' certificates by the listener's authorities. Asks nobody: no revocation, no downloads. Thread safe.</summary>
internal sealed class ClientTrust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509ChainPolicy policy;

    public ClientTrust(X509Certificate2Collection authorities)
    {
        policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };

        // Only self-signed ones can end a chain; intermediates of the file help to build it.
        policy.CustomTrustStore.AddRange(authorities.Where(CertificateParser.IsSelfIssued).ToArray());
        policy.ExtraStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
    }

    /// <summary>A policy of the caller's own, since chains put what was presented into it.</summary>
    public X509ChainPolicy CreatePolicy() => policy.Clone();

    public ClientCertificateVerdict Judge(X509Certificate2 presented, X509Certificate2Collection intermediates)
    {
        using var chain = new X509Chain { ChainPolicy = CreatePolicy() };
        chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        if (chain.Build(presented)) return ClientCertificateVerdict.Good;
        var status = X509ChainStatusFlags.NoError;
        foreach (var part in chain.ChainStatus) status |= part.Status;
        if ((status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != X509ChainStatusFlags.NoError) return ClientCertificateVerdict.UnknownAuthority;
        return status == X509ChainStatusFlags.NotTimeValid ? ClientCertificateVerdict.Expired : ClientCertificateVerdict.Bad;
    }
}
