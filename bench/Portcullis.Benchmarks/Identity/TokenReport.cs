using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Benchmarks.Identity;

/// <summary>
/// What tokens cost beside the arithmetic that nobody can leave out, on one thread: a known token, a full check beside the bare signature check, and issuing to a client beside one
/// signature, ours and OpenSSL's. Each pair is measured in turns, so that both meet the same moods of the machine; the figures are medians.
/// </summary>
internal sealed class TokenReport
{
    private const int Rounds = 15;
    private const double KnownGoalNanoseconds = 1000;
    private const double CheckGoal = 1.3;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(200);

    private readonly KnownToken known = new(10_000);
    private readonly TokenVerifier verifier;
    private readonly JsonWebKeySet keys;
    private readonly byte[] token;
    private readonly byte[] signed;
    private readonly byte[] signature;
    private readonly ClientCredentialsGrant grant;
    private readonly GrantRequest request;
    private readonly OAuthClient client;
    private readonly string secret = Secret.Generate().Reveal();
    private readonly RSA rsa = RSA.Create(2048);

    private TokenReport(string directory)
    {
        const string issuer = "https://issuer.example";
        var ring = KeyRing.Open(Path.Combine(directory, "keys"), [KeyPolicy.ForTokens(KeyAlgorithm.RS256, TimeSpan.FromHours(24))], TimeProvider.System);
        keys = ring.Current.PublicKeys(KeyPurpose.TokenSigning);
        verifier = new TokenVerifier(new TokenRules { Issuer = issuer, Audiences = [issuer] }, TimeProvider.System);
        client = new OAuthClient("shop", OAuthClient.HashSecret(secret), ["orders:read", "orders:write"], IsDisabled: false);
        grant = new ClientCredentialsGrant(new AccessTokenIssuer(new Lazy<KeyRing>(ring), new IdentityOptions { Issuer = issuer }, TimeProvider.System));
        request = new GrantRequest(client, new OAuthParameters([new("grant_type", "client_credentials")]), IPAddress.Loopback, "bench", CancellationToken.None);
        token = Encoding.ASCII.GetBytes(Issue());
        var dot = token.AsSpan().LastIndexOf((byte)'.');
        (signed, signature) = (token[..dot], Base64Url.DecodeFromUtf8(token.AsSpan(dot + 1)));
        Check();
        CheckSignature();
    }

    /// <summary>Prints the report; 1 where a goal is missed.</summary>
    public static int Run(TextWriter output)
    {
        var directory = Directory.CreateTempSubdirectory("portcullis-bench-").FullName;
        try
        {
            return new TokenReport(directory).Print(output);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private int Print(TextWriter output)
    {
        var (admit, digest, _) = Compare(known.Admit, () => known.Digest());
        var again = Median(Enumerable.Range(0, Rounds).Select(_ => Measure(known.AdmitAgain)));
        var (check, bare, checkRatio) = Compare(Check, CheckSignature);
        var (issue, sign, issueRatio) = Compare(() => Issue(), Sign);
        Line("known token, on its connection", again, $"goal {KnownGoalNanoseconds:0} ns; 10,000 others revoked", again <= KnownGoalNanoseconds);
        Line("known token, on another connection", admit, $"goal {KnownGoalNanoseconds:0} ns; SHA-256 of it {digest:0} ns", admit <= KnownGoalNanoseconds);
        Line("unknown token by RS256, all checks", check, $"{checkRatio:0.00} of the bare signature check ({bare:0} ns), goal {CheckGoal}", checkRatio <= CheckGoal);
        Line("client credentials: secret, token, reply", issue, $"{1e9 / issue:0} per second; {issueRatio:0.00} of one RSA-2048 signature ({sign:0} ns)", true);
        output.WriteLine($"{"openssl speed rsa2048, one signature",-42} {(OpenSsl() is { } perSecond ? $"{1e9 / perSecond,10:0} ns  {perSecond:0} per second; issued to signed {1e9 / issue / perSecond:0.00}" : "not installed")}");
        return admit <= KnownGoalNanoseconds && checkRatio <= CheckGoal ? 0 : 1;

        void Line(string name, double nanoseconds, string beside, bool isKept) => output.WriteLine($"{name,-42} {nanoseconds,10:0} ns  {beside}{(isKept ? "" : "  MISSED")}");
    }

    private void Check()
    {
        if (!verifier.Verify(token, keys).IsValid) throw new InvalidOperationException("The token is refused.");
    }

    private void CheckSignature()
    {
        if (!keys.Keys[0].Verify(signed, signature)) throw new InvalidOperationException("The signature is refused.");
    }

    private void Sign() => rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private string Issue()
    {
        var pending = client.SecretMatches(secret) ? grant.RedeemAsync(request) : default;
        if (!pending.IsCompletedSuccessfully || pending.Result is not { IsGranted: true } reply) throw new InvalidOperationException("No token is issued.");
        JsonBody.Create(writer =>
        {
            writer.WriteString("access_token"u8, reply.Tokens!.Access.Token);
            writer.WriteString("token_type"u8, "Bearer"u8);
            writer.WriteNumber("expires_in"u8, reply.Tokens.ExpiresIn);
            writer.WriteString("scope"u8, string.Join(' ', reply.Tokens.Scope));
        });
        return reply.Tokens!.Access.Token;
    }

    /// <summary>Nanoseconds of both, and the median of the ratios within the rounds.</summary>
    private static (double One, double Other, double Ratio) Compare(Action one, Action other)
    {
        Measure(one);
        Measure(other);
        var rounds = Enumerable.Range(0, Rounds).Select(_ => (One: Measure(one), Other: Measure(other))).ToList();
        return (Median(rounds.Select(round => round.One)), Median(rounds.Select(round => round.Other)), Median(rounds.Select(round => round.One / round.Other)));
    }

    private static double Measure(Action operation)
    {
        var (count, clock) = (0L, Stopwatch.StartNew());
        for (; clock.Elapsed < Turn; count += 16)
        {
            for (var i = 0; i < 16; i++) operation();
        }

        return clock.Elapsed.TotalNanoseconds / count;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    /// <summary>Signatures per second on one thread, as OpenSSL measures itself; null where it is not installed.</summary>
    private static double? OpenSsl()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("openssl", ["speed", "-seconds", "3", "rsa2048"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var lines = process.StandardOutput.ReadToEnd().Split('\n');
            process.WaitForExit();

            // The columns are named above the row: times of one, then how many in a second.
            var column = lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(words => words.Contains("sign/s")) is { } names ? Array.IndexOf(names, "sign/s") : -1;
            var row = lines.FirstOrDefault(line => line.StartsWith("rsa", StringComparison.Ordinal) && line.Contains("2048 bits", StringComparison.Ordinal));
            var values = row?[(row.IndexOf("bits", StringComparison.Ordinal) + 4)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return values?.ElementAtOrDefault(column) is { } value && double.TryParse(value, CultureInfo.InvariantCulture, out var perSecond) ? perSecond : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
