using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>A single value: how it is written, read and described to an editor.</summary>
internal sealed class ScalarShape : Shape
{
    private static readonly ScalarShape[] BuiltIn =
    [
        new(typeof(string), "text", Read((string text, out string value) => (value = text) is not null)) { Example = "text" },
        new(typeof(bool), "true or false", Read<bool>(TryParseBool), value => (bool)value ? "true" : "false") { JsonType = "boolean", Example = "true" },
        new(typeof(int), "a whole number", Read<int>(TryParseInt)) { JsonType = "integer", Example = "10" },
        new(typeof(long), "a whole number", Read<long>(TryParseLong)) { JsonType = "integer", Example = "10" },
        new(typeof(double), "a number", Read<double>(TryParseDouble), value => ((double)value).ToString("0.###############", CultureInfo.InvariantCulture)) { JsonType = "number", Example = "0.5" },
        new(typeof(TimeSpan), "a duration in ms, s, m, h or d", Read<TimeSpan>(DurationText.TryParse), value => DurationText.Format((TimeSpan)value)) { Pattern = "^[0-9]+(ms|s|m|h|d)$", Example = "10s" },
        new(typeof(Uri), "an http or https URL", TryParseUrl, value => ((Uri)value).OriginalString) { Pattern = "^https?://", Example = "https://host.example:8443" },
        new(typeof(Secret), "a secret", Read((string text, out Secret value) => (value = Secret.FromText(text)) is { IsEmpty: false })) { IsSecret = true, Example = "${env:NAME}" },
        new(typeof(DateOnly), "a date", Read<DateOnly>(TryParseDate), value => ((DateOnly)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) { Pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", Example = "2027-01-31" },
        new(typeof(RuleIds), "a rule's id or a range of ids", ReadExplained<RuleIds>(RuleIds.TryParse)) { Pattern = "^[0-9]{1,9}(-[0-9]{1,9})?$", MayBeNumber = true, Example = "942100" },
        new(typeof(Cidr), "an address or a block of addresses", ReadExplained<Cidr>(Cidr.TryParse)) { Example = "10.0.0.0/8" },
        new(typeof(ListenAddress), "an address and port", ReadExplained<ListenAddress>(ListenAddress.TryParse)) { Example = "0.0.0.0:8443" },
    ];

    private readonly Reader reader;
    private readonly Func<object, string> format;

    private ScalarShape(Type type, string expected, Reader reader, Func<object, string>? format = null)
    {
        Type = type;
        Expected = expected;
        this.reader = reader;
        this.format = format ?? (value => Convert.ToString(value, CultureInfo.InvariantCulture)!);
    }

    private delegate bool Reader(string text, out object? value, out string? detail);

    private delegate bool Parser<T>(string text, out T value);

    private delegate bool ExplainingParser<T>(string? text, out T value, out string? error);

    public static ScalarShape ByteSize { get; } = new(
        typeof(long), "a size in B, KiB, MiB or GiB", Read<long>(ByteSizeText.TryParse), value => ByteSizeText.Format((long)value))
    { Pattern = "^[0-9]+(B|KiB|MiB|GiB)?$", MayBeNumber = true, Example = "10MiB" };

    public static ScalarShape ByteRate { get; } = new(
        typeof(long), "a rate in B/s, KiB/s or MiB/s", Read<long>(ByteSizeText.TryParseRate), value => ByteSizeText.FormatRate((long)value))
    { Pattern = "^[0-9]+((B|KiB|MiB|GiB)(/s)?)?$", MayBeNumber = true, Example = "240B/s" };

    /// <summary>A file name with wildcards, or the word for the rules that come along.</summary>
    public static ScalarShape RuleSource { get; } = new(typeof(string), "a file name or builtin", Read((string text, out string value) => (value = text).Length > 0)) { Example = "builtin" };

    public static ScalarShape FilePath { get; } = new(typeof(string), "a file name", Read((string text, out string value) => (value = text).Length > 0)) { Example = "tls/chain.pem" };

    public Type Type { get; }

    public override string Expected { get; }

    /// <summary>A value that can be read.</summary>
    public required string Example { get; init; }

    /// <summary>The JSON type that an editor expects, beside a string with a placeholder.</summary>
    public string JsonType { get; private init; } = "string";

    /// <summary>Regular expression for editors.</summary>
    public string? Pattern { get; private init; }

    /// <summary>The names of an enumeration; null for other values.</summary>
    public IReadOnlyList<string>? Names { get; private init; }

    public bool IsSecret { get; private init; }

    /// <summary>Whether the text is a number to editors where it consists of digits.</summary>
    public bool MayBeNumber { get; private init; }

    public static ScalarShape? TryCreate(Type type)
        => Array.Find(BuiltIn, shape => shape.Type == type) ?? (type.IsEnum ? OfEnum(type) : null);

    /// <summary>Reads the value. <paramref name="detail"/> says what is wrong with it, where more is known than what was expected.</summary>
    public bool TryParse(string text, [NotNullWhen(true)] out object? value, out string? detail) => reader(text, out value, out detail);

    /// <summary>The value as the file writes it; a secret gives <c>[redacted]</c>.</summary>
    public string Format(object value) => format(value);

    private static ScalarShape OfEnum(Type type)
    {
        var names = type.GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(field => field.MetadataToken).Select(field => (
            Name: field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(field.Name),
            Value: field.GetValue(null)!)).ToArray();
        return new(
            type,
            string.Join(", ", names[..^1].Select(pair => pair.Name)) + (names.Length > 1 ? " or " : string.Empty) + names[^1].Name,
            (string text, out object? value, out string? detail) =>
            {
                value = Array.Find(names, pair => pair.Name == text).Value;
                detail = null;
                return value is not null;
            },
            value => Array.Find(names, pair => pair.Value.Equals(value)).Name)
        {
            Example = names[0].Name,
            Names = [.. names.Select(pair => pair.Name)],
        };
    }

    private static Reader Read<T>(Parser<T> parser) => (string text, out object? value, out string? detail) =>
    {
        detail = null;
        value = parser(text, out var parsed) ? parsed : null;
        return value is not null;
    };

    private static Reader ReadExplained<T>(ExplainingParser<T> parser) => (string text, out object? value, out string? detail) =>
    {
        value = parser(text, out var parsed, out detail) ? parsed : null;
        return value is not null;
    };

    private static bool TryParseBool(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }

    // 010 is eight to some readers of YAML and ten to others.
    private static bool HasPlainDigits(string text)
    {
        var digits = text.AsSpan().TrimStart('-');
        return text.Length - digits.Length <= 1 && digits.Length > 0 && char.IsAsciiDigit(digits[0]) && (digits.Length == 1 || digits[0] != '0' || !char.IsAsciiDigit(digits[1]));
    }

    private static bool TryParseInt(string text, out int value)
    {
        value = 0;
        return HasPlainDigits(text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseLong(string text, out long value)
    {
        value = 0;
        return HasPlainDigits(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseDouble(string text, out double value)
    {
        value = 0;
        return text.Length <= 32 && HasPlainDigits(text) && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseDate(string text, out DateOnly value) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    private static bool TryParseUrl(string text, out object? value, out string? detail)
    {
        value = null;
        detail = null;
        var isHttp = text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal);
        if (!isHttp || text.AsSpan().ContainsAny(" \t\r\n\\") || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0) return false;
        if (url.UserInfo.Length > 0)
        {
            detail = "a URL must not hold a user name or password";
            return false;
        }

        value = url;
        return true;
    }
}
