using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.ApiKeys;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// An API key in <c>X-Api-Key</c>, or after <c>ApiKey</c> in the Authorization field; never in a query, which ends up in logs. One that has not the form of a key
/// is refused without looking; unknown, expired and revoked ones look alike.
/// </summary>
/// <param name="keys">Where keys are looked up; null: there are none, and every one is refused.</param>
/// <param name="clock">Decides what has expired, whatever the store says.</param>
/// <param name="ownsAuthorization">Whether whatever stands in Authorization is meant for this method, as where the route takes no tokens.</param>
internal sealed class ApiKeyMethod(IApiKeys? keys, TimeProvider clock, bool ownsAuthorization) : CredentialMethod
{
    /// <summary>The field that holds a key and nothing else.</summary>
    public const string Field = "X-Api-Key";

    private const string Scheme = "ApiKey ";
    private const string Invalid = "ApiKey error=\"invalid_key\"";

    // By the very instance that the store gives: one that it keeps costs no new caller, and one that it drops goes here, too.
    private readonly ConditionalWeakTable<KnownApiKey, Caller> callers = [];

    public override AuthenticationMethod Method => AuthenticationMethod.ApiKey;

    public override string Challenge => "ApiKey";

    /// <summary>Whether an Authorization field is of this scheme.</summary>
    public static bool IsIn(StringValues authorization)
    {
        foreach (var field in authorization)
        {
            if (field is not null && field.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    public override bool IsPresented(Exchange exchange)
        => exchange.RequestHeaders.ContainsKey(Field) || (exchange.RequestHeaders.Authorization is { Count: > 0 } fields && (ownsAuthorization || IsIn(fields)));

    public override ValueTask<CredentialOutcome> AuthenticateAsync(Exchange exchange)
    {
        // 1. One key, in one place.
        var authorization = exchange.RequestHeaders.Authorization;
        var field = exchange.RequestHeaders[Field];
        if (authorization.Count + field.Count != 1) return new(CredentialOutcome.Refuse(RefusalCode.RequestMalformed, "several API keys, or one beside other credentials"));
        if (authorization.Count == 1 && !IsIn(authorization)) return new(CredentialOutcome.Absent("another authentication scheme"));

        // 2. A key lasts for months: it does not cross a network in the clear.
        if (OAuthParameters.AreInTheClear(exchange)) return new(CredentialOutcome.Refuse(RefusalCode.TlsRequired, "an API key over plain HTTP"));

        // 3. Its form and checksum, by which nothing is learnt of any key.
        var text = field.Count == 1 ? field[0].AsSpan() : authorization[0].AsSpan(Scheme.Length).Trim(' ');
        var hash = new byte[SHA256.HashSizeInBytes];
        if (!TryHash(text, hash)) return new(CredentialOutcome.Refuse(RefusalCode.TokenInvalid, "not an API key", Invalid));
        return keys is null ? new(CredentialOutcome.Refuse(RefusalCode.TokenInvalid, "no API keys are kept here", Invalid)) : FindAsync(keys, hash, exchange.Aborted);
    }

    private static bool TryHash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        Span<byte> octets = stackalloc byte[ApiKeyText.Length];
        var isKey = text.Length == octets.Length && Ascii.FromUtf16(text, octets, out _) == OperationStatus.Done && ApiKeyText.TryHash(octets, hash);
        octets.Clear();
        return isKey;
    }

    // 4. Whether it counts now.
    private async ValueTask<CredentialOutcome> FindAsync(IApiKeys store, byte[] hash, CancellationToken cancellationToken)
    {
        var key = await store.FindAsync(hash, cancellationToken);
        if (key is null || clock.GetUtcNow() >= key.Expires || key.Subject.Length == 0) return CredentialOutcome.Refuse(RefusalCode.TokenInvalid, "unknown, revoked or expired API key", Invalid);
        store.Used(key.Id);
        return CredentialOutcome.Accept(callers.GetValue(key, static key => new Caller(key.Subject, key.IsPerson ? string.Empty : key.Subject, key.Permissions)
        {
            KeyId = key.Id,
            Tenant = TenantName.Of(key.Tenant),
            Expires = key.Expires,
        }));
    }
}
