using System.Security.Cryptography;
using System.Text;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Trust.Tokens;

namespace Portcullis.Fuzz.Targets;

/// <summary>What clients send as code or refresh token, and what a store gives back as a sealed successor: nothing throws, a token has one spelling and one kind.</summary>
internal sealed class OpaqueTokenTarget : IFuzzTarget
{
    private readonly OpaqueToken spent = OpaqueToken.Create(TokenPrefixes.Refresh);

    public string Name => "opaque-token";

    public IReadOnlyList<string> Dictionary { get; } = [TokenPrefixes.Code, TokenPrefixes.Refresh, "pk_", "A", "AAAA", "_", "-", "+", "/", "=", " ", "\n", "\0", "\u00e9", "\uff10"];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var kinds = 0;
        foreach (var prefix in (string[])[TokenPrefixes.Code, TokenPrefixes.Refresh])
        {
            if (OpaqueToken.Read(prefix, text) is not { } token) continue;
            kinds++;
            BrokenInvariantException.Unless(token.Text.Reveal() == text && text.StartsWith(prefix, StringComparison.Ordinal), "a token is what was sent");
            BrokenInvariantException.Unless(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan().SequenceEqual(token.Hash.Span), "the hash is of what was sent");
            BrokenInvariantException.Unless(text.Length == prefix.Length + 43 && text.All(char.IsAscii), "256 bits have one length");
            BrokenInvariantException.Unless(!token.ToString().Contains(text, StringComparison.Ordinal), "printing one shows nothing");

            // The unused bits of the last character are zero: with any other one it is no token, or another.
            var other = text[^1] == 'A' ? 'B' : 'A';
            BrokenInvariantException.Unless(OpaqueToken.Read(prefix, text[..^1] + other)?.Hash.Span.SequenceEqual(token.Hash.Span) != true, "no two spellings are one token");
        }

        BrokenInvariantException.Unless(kinds <= 1, "a token has one kind");
        BrokenInvariantException.Unless(SuccessorSeal.Open(TokenPrefixes.Refresh, spent, input) is null, "nothing opens but what was sealed");
    }
}
