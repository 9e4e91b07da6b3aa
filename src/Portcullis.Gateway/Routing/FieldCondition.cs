using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// A condition of a route on one header field (name compared without case) or one query parameter (name compared with case,
/// names and values percent-decoded). Values are compared with case. A field sent several times never satisfies a condition on its value,
/// since readers differ in which one they take. Immutable.
/// </summary>
internal sealed class FieldCondition
{
    /// <summary>Characters of a value or expression. A longer one is a configuration error.</summary>
    public const int MaximumValueLength = 1024;

    private readonly Regex? regex;

    private FieldCondition(string name, FieldConditionKind kind, string value, Regex? regex)
    {
        Name = name;
        Kind = kind;
        Value = value;
        this.regex = regex;
    }

    /// <summary>The name of the field or parameter.</summary>
    public string Name { get; }

    /// <summary>What is asked.</summary>
    public FieldConditionKind Kind { get; }

    /// <summary>The value, prefix or expression; empty for the other kinds.</summary>
    public string Value { get; }

    /// <summary>Makes a condition on a header field; the name must be a token (RFC 9110 section 5.6.2).</summary>
    public static bool TryCreateHeader(
        string name, FieldConditionKind kind, string value, [NotNullWhen(true)] out FieldCondition? condition, [NotNullWhen(false)] out RouteError? error)
    {
        condition = null;
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(RouteCharacters.Token))
        {
            error = new($"'{name}' is no header name.", "A header name has letters, digits and hyphens.");
            return false;
        }

        return TryCreate(name, kind, value, out condition, out error);
    }

    /// <summary>Makes a condition on a query parameter. Name and value are written decoded, as text.</summary>
    public static bool TryCreateQuery(
        string name, FieldConditionKind kind, string value, [NotNullWhen(true)] out FieldCondition? condition, [NotNullWhen(false)] out RouteError? error)
    {
        condition = null;
        if (name.Length is 0 or > MaximumValueLength)
        {
            error = new("A query condition has no name or one that is too long.", "Name the query parameter.");
            return false;
        }

        if (kind == FieldConditionKind.Regex && !Ascii.IsValid(value))
        {
            error = new($"The expression for '{name}' is not ASCII.", "A query is compared octet by octet: write the UTF-8 octets, for instance \\xC3\\xA9.");
            return false;
        }

        // A query is compared octet by octet, so the text is turned into its UTF-8 octets, one character each.
        return TryCreate(Octets(name), kind, kind == FieldConditionKind.Regex ? value : Octets(value), out condition, out error);
    }

    /// <summary>Whether a field that was sent <paramref name="count"/> times, with <paramref name="value"/> when once, satisfies the condition.</summary>
    public bool Holds(int count, ReadOnlySpan<char> value) => Kind switch
    {
        FieldConditionKind.Present => count > 0,
        FieldConditionKind.Absent => count == 0,
        FieldConditionKind.Exact => count == 1 && value.SequenceEqual(Value),
        FieldConditionKind.Prefix => count == 1 && value.StartsWith(Value, StringComparison.Ordinal),
        FieldConditionKind.Regex => count == 1 && regex!.IsMatch(value),
        _ => false,
    };

    /// <summary>Whether no request can satisfy both this and <paramref name="other"/>, which is on the same name.</summary>
    public bool Excludes(FieldCondition other) => (Kind, other.Kind) switch
    {
        (FieldConditionKind.Absent, FieldConditionKind.Absent) => false,
        (FieldConditionKind.Absent, _) or (_, FieldConditionKind.Absent) => true,
        (FieldConditionKind.Present, _) or (_, FieldConditionKind.Present) => false,
        (FieldConditionKind.Exact, _) => !other.Holds(1, Value),
        (_, FieldConditionKind.Exact) => !Holds(1, other.Value),
        (FieldConditionKind.Prefix, FieldConditionKind.Prefix) =>
            !Value.StartsWith(other.Value, StringComparison.Ordinal) && !other.Value.StartsWith(Value, StringComparison.Ordinal),
        _ => false, // whether two expressions overlap is not decided here: they count as overlapping
    };

    private static bool TryCreate(
        string name, FieldConditionKind kind, string value, [NotNullWhen(true)] out FieldCondition? condition, [NotNullWhen(false)] out RouteError? error)
    {
        condition = null;
        error = null;
        Regex? regex = null;
        if (!Enum.IsDefined(kind))
            error = new("A condition has no kind.", "Write one of present, absent, exact, prefix, regex.");
        else if (value.Length > MaximumValueLength)
            error = new($"The value of the condition on '{name}' is longer than {MaximumValueLength} characters.", "Shorten it.");
        else if (kind is FieldConditionKind.Present or FieldConditionKind.Absent && value.Length > 0)
            error = new($"The condition on '{name}' takes no value.", "Leave the value out, or use exact.");
        else if (kind == FieldConditionKind.Prefix && value.Length == 0)
            error = new($"The prefix for '{name}' is empty.", "Use present for any value.");
        else if (kind == FieldConditionKind.Regex)
            TryCompile(name, value, out regex, out error);

        condition = error is null ? new FieldCondition(name, kind, value, regex) : null;
        return condition is not null;
    }

    private static void TryCompile(string name, string value, out Regex? regex, out RouteError? error)
    {
        // Non-backtracking: time is linear in the value whatever the expression (and lookaround and backreferences are errors).
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
        regex = null;
        error = null;
        try
        {
            _ = new Regex(value, Options); // by itself first, so that its parentheses can't close the group below
            regex = new Regex($@"\A(?:{value})\z", Options);
        }
        catch (Exception cause) when (cause is ArgumentException or NotSupportedException)
        {
            error = new($"The expression for '{name}' can't be used: {cause.Message}", "Write a .NET regular expression without lookaround and backreferences; it must match the whole value.");
        }
    }

    private static string Octets(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
