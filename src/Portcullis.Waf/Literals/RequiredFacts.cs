using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Literals;

/// <summary>What is known of the strings that a part of a pattern matches.</summary>
/// <param name="MinLength">Their fewest bytes.</param>
/// <param name="Exact">All of them, in lower case; null if they are too many.</param>
/// <param name="Literals">Strings of which each contains at least one; null if none are known.</param>
/// <param name="Repeated">Of a repeat: what each of its repetitions matches, at least one; null if that is not known.</param>
/// <param name="Sets">Sets of which each contains a byte, the rarest first.</param>
internal sealed record RequiredFacts(int MinLength, LiteralSet? Exact, LiteralSet? Literals, ByteSet[] Sets, LiteralSet? Repeated = null);
