using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>A parsed regular expression. Case and flags are resolved: a letter under <c>(?i)</c> is a set of two bytes.</summary>
internal abstract record RegexNode
{
    private RegexNode()
    {
    }

    /// <summary>Whether it can match without consuming a byte.</summary>
    public abstract bool IsNullable { get; }

    /// <summary>Matches the empty string.</summary>
    internal sealed record Empty : RegexNode
    {
        public static readonly Empty Instance = new();

        public override bool IsNullable => true;
    }

    /// <summary>One byte of a set. The empty set never matches.</summary>
    internal sealed record Set(ByteSet Bytes) : RegexNode
    {
        public override bool IsNullable => false;
    }

    internal sealed record Concatenation(RegexNode[] Items) : RegexNode
    {
        public override bool IsNullable { get; } = Array.TrueForAll(Items, static item => item.IsNullable);
    }

    /// <summary>Alternatives; an earlier one is preferred.</summary>
    internal sealed record Alternation(RegexNode[] Options) : RegexNode
    {
        public override bool IsNullable { get; } = Array.Exists(Options, static option => option.IsNullable);
    }

    /// <param name="Body">What is repeated.</param>
    /// <param name="Min">How often at least.</param>
    /// <param name="Max">How often at most; <see cref="Unlimited"/> if there is no limit.</param>
    /// <param name="IsLazy">Whether fewer are preferred.</param>
    internal sealed record Repeat(RegexNode Body, int Min, int Max, bool IsLazy) : RegexNode
    {
        public const int Unlimited = -1;

        public override bool IsNullable { get; } = Min == 0 || Body.IsNullable;
    }

    /// <summary>A capturing group; <paramref name="Index"/> counts from 1.</summary>
    internal sealed record Group(RegexNode Body, int Index) : RegexNode
    {
        public override bool IsNullable => Body.IsNullable;
    }

    internal sealed record Assertion(AssertionKind Kind) : RegexNode
    {
        public override bool IsNullable => true;
    }

    /// <summary>
    /// Not before a byte of a set: what a possessive repeat of single bytes comes to, and what keeps <c>\R</c>, which takes CR LF as one, from giving back
    /// the second half.
    /// </summary>
    internal sealed record NotBefore(ByteSet Bytes) : RegexNode
    {
        public override bool IsNullable => true;
    }

    /// <summary>An atomic group or possessive quantifier. No automaton runs it.</summary>
    internal sealed record Atomic(RegexNode Body) : RegexNode
    {
        public override bool IsNullable => Body.IsNullable;
    }

    /// <summary>A look-around. No automaton runs it.</summary>
    internal sealed record Look(RegexNode Body, bool IsBehind, bool IsNegative) : RegexNode
    {
        public override bool IsNullable => true;
    }

    /// <summary>The text of an earlier group again. No automaton runs it.</summary>
    internal sealed record BackReference(int Index, bool IgnoresCase) : RegexNode
    {
        public override bool IsNullable => true;
    }
}
