using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Portcullis.Control.Identity.Account.Markup;

/// <summary>Takes an interpolated text apart: what the program wrote goes as it is, values are encoded. A value of a type that is not named here does not compile.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlText(int literalLength, int formattedCount)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder builder = new(literalLength + (formattedCount * 16));

    public void AppendLiteral(string literal) => builder.Append(literal);

    public void AppendFormatted(Html piece) => builder.Append(piece.ToString());

    public void AppendFormatted(string? value)
    {
        if (IsBareInTag()) throw new InvalidOperationException("A value within a tag stands in quotes.");
        if (value is not null) builder.Append(Encoder.Encode(value));
    }

    public void AppendFormatted(int value) => builder.Append(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A time for people and programs, in UTC: its reader's zone is not known here.</summary>
    public void AppendFormatted(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        builder.Append(CultureInfo.InvariantCulture, $"<time datetime=\"{utc:yyyy-MM-ddTHH:mm:ssZ}\">{utc:yyyy-MM-dd HH:mm} UTC</time>");
    }

    public override string ToString() => builder.ToString();

    // Within a tag and not in quotes a space would end the value, and what follows would be another attribute.
    private bool IsBareInTag()
    {
        var isInQuotes = false;
        for (var i = builder.Length - 1; i >= 0; i--)
        {
            switch (builder[i])
            {
                case '>': return false;
                case '<': return !isInQuotes;
                case '"': isInQuotes = !isInQuotes; break;
            }
        }

        return false;
    }
}
