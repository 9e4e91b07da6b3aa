using Portcullis.Waf.Bytes;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Literals;

/// <summary>Works out from a pattern what a value must have for the pattern to match it. Never claims too much.</summary>
internal static class RequirementAnalysis
{
    /// <summary>Strings of which all are known; beyond, products of them end.</summary>
    private const int MaxExact = 64;

    /// <summary>Alternatives of a pattern that go into the automaton; above, the pattern is always a candidate.</summary>
    private const int MaxLiterals = 4000;

    /// <summary>A class with more bytes than this (case aside) ends a product.</summary>
    private const int MaxClass = 16;

    private const int MaxSets = 2;

    /// <summary>Strings of which one is expected more often than this, at each position of an ordinary value, are not worth the search.</summary>
    private const double MaxExpected = 0.02;

    /// <summary>A string of one byte is searched for if the byte is rarer than this.</summary>
    private const double MaxSingleFrequency = 0.006;

    /// <summary>A set that nearly every value meets is not worth the test.</summary>
    private const double MaxSetFrequency = 0.4;

    public static MatchRequirement Analyse(ByteRegex regex) => Analyse(regex.Syntax.Root);

    public static MatchRequirement Analyse(RegexNode root)
    {
        var facts = Of(root);
        var literals = facts.Literals?.Cut();

        // Frequent strings are no work for an automaton: there the sets must do.
        var isUsable = literals is { Shortest: > 0, Count: <= MaxLiterals, Expected: <= MaxExpected }
            && Array.TrueForAll(literals.Literals, static literal => literal.Length > 1 || ByteFrequencies.Of(literal[0]) <= MaxSingleFrequency);
        var (maxLength, allowed) = Extent.Of(root);
        return new MatchRequirement(facts.MinLength, maxLength, allowed, facts.Sets, isUsable ? literals!.Literals : []);
    }

    private static RequiredFacts Of(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set set:
                return OfSet(set.Bytes);
            case RegexNode.Group group:
                return Of(group.Body);
            case RegexNode.Atomic atomic:
                return Of(atomic.Body);
            case RegexNode.Alternation alternation:
                return OfAlternation(Array.ConvertAll(alternation.Options, Of));
            case RegexNode.Concatenation concatenation:
                return OfConcatenation(concatenation.Items);
            case RegexNode.Repeat repeat:
                return OfRepeat(repeat);
            case RegexNode.BackReference:
                return new RequiredFacts(0, null, null, []);
            default:
                return new RequiredFacts(0, LiteralSet.Empty, null, []);
        }
    }

    private static RequiredFacts OfSet(in ByteSet set)
    {
        var lower = ByteSet.Of(LowerCase.Of(set.ToArray()));
        ByteSet[] sets = ByteFrequencies.Of(set) <= MaxSetFrequency ? [set] : [];
        if (lower.Count is 0 or > MaxClass) return new RequiredFacts(1, null, null, sets);
        var exact = LiteralSet.Of(Array.ConvertAll(lower.ToArray(), static value => new[] { value }));
        return new RequiredFacts(1, exact, exact, sets);
    }

    private static RequiredFacts OfAlternation(RequiredFacts[] options)
    {
        var shortest = options.Min(static option => option.MinLength);
        ByteSet[] sets = [];
        if (Array.TrueForAll(options, static option => option.Sets.Length > 0))
        {
            var union = ByteSet.Empty;
            foreach (var option in options)
            {
                union |= option.Sets[0];
            }

            if (ByteFrequencies.Of(union) <= MaxSetFrequency) sets = [union];
        }

        LiteralSet? exact = null;
        if (Array.TrueForAll(options, static option => option.Exact is not null))
        {
            exact = LiteralSet.Union(options.Select(static option => option.Exact!));
            if (exact.Count > MaxExact) exact = null;
        }

        LiteralSet? literals = null;
        if (options.Sum(static option => option.Literals?.Expected ?? double.PositiveInfinity) <= 2 * MaxExpected)
            literals = LiteralSet.Join(Array.ConvertAll(options, static option => option.Literals!));
        return new RequiredFacts(shortest, exact, literals, sets);
    }

    private static RequiredFacts OfRepeat(RegexNode.Repeat repeat)
    {
        var body = Of(repeat.Body);
        if (repeat.Max == 0) return new RequiredFacts(0, LiteralSet.Empty, null, []);
        if (repeat.Min == 0)
        {
            var optional = repeat.Max == 1 && body.Exact is { Count: < MaxExact } once ? LiteralSet.Union([LiteralSet.Empty, once]) : null;
            return new RequiredFacts(0, optional, null, []);
        }

        var shortest = (int)Math.Min((long)body.MinLength * repeat.Min, int.MaxValue);
        if (repeat.Min != repeat.Max || body.Exact is not { } exact) return new RequiredFacts(shortest, null, body.Literals, body.Sets, body.Exact);
        var product = exact;
        for (var more = 1; more < repeat.Min; more++)
        {
            if ((long)product.Count * exact.Count > MaxExact || product.Shortest > LiteralSet.MaxLength)
                return new RequiredFacts(shortest, null, Better(body.Literals, product), body.Sets, exact);
            product = product.Times(exact);
        }

        return new RequiredFacts(shortest, product, Better(body.Literals, product), body.Sets);
    }

    private static RequiredFacts OfConcatenation(RegexNode[] items)
    {
        var shortest = 0L;
        LiteralSet? best = null;
        List<ByteSet> sets = [];

        // All strings that the items up to here match since the run began; where that is given up, the best run so far is kept.
        var run = LiteralSet.Empty;
        var isWhole = true;
        foreach (var item in items)
        {
            var facts = Of(item);
            shortest += facts.MinLength;
            sets.AddRange(facts.Sets);
            var next = facts.Exact;
            if (next is null && facts.Repeated is { } repeated)
            {
                // The first repetition ends the run, the last begins the next.
                best = Better(best, Product(run, repeated) ?? run);
                best = Better(best, facts.Literals);
                run = repeated;
                isWhole = false;
            }
            else if (next is null)
            {
                best = Better(Better(best, run), facts.Literals);
                run = LiteralSet.Empty;
                isWhole = false;
            }
            else if (Product(run, next) is { } product)
            {
                run = product;
            }
            else
            {
                best = Better(best, run);
                run = next;
                isWhole = false;
            }
        }

        best = Better(best, run);
        return new RequiredFacts((int)Math.Min(shortest, int.MaxValue), isWhole ? run : null, best, Rarest(sets));
    }

    private static LiteralSet? Product(LiteralSet run, LiteralSet next)
        => (long)run.Count * next.Count <= MaxExact || next.Count == 1 ? run.Times(next) : null;

    /// <summary>The one that fewer values contain.</summary>
    private static LiteralSet? Better(LiteralSet? left, LiteralSet? right)
    {
        if (right is null || right.Shortest == 0) return left is { Shortest: > 0 } ? left : null;
        if (left is null || left.Shortest == 0) return right;
        return left.Expected <= right.Expected ? left : right;
    }

    private static ByteSet[] Rarest(List<ByteSet> sets)
    {
        if (sets.Count < 2) return [.. sets];
        var ordered = sets.ToArray();
        Array.Sort(sets.ConvertAll(static set => ByteFrequencies.Of(set)).ToArray(), ordered);
        List<ByteSet> kept = [];
        foreach (var set in ordered)
        {
            if (kept.Count < MaxSets && !kept.Exists(one => one.IsSubsetOf(set))) kept.Add(set);
        }

        return [.. kept];
    }
}
