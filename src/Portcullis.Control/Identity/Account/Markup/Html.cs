namespace Portcullis.Control.Identity.Account.Markup;

/// <summary>
/// A piece of a page, encoded. There is no way from a text to one but <see cref="Of"/>, which encodes whatever is not written in the program: to forget encoding is an error of
/// compilation.
/// </summary>
internal readonly struct Html
{
    private readonly string? encoded;

    private Html(string encoded) => this.encoded = encoded;

    /// <summary>Nothing.</summary>
    public static Html Empty => default;

    /// <summary>A piece of what is written in the program, with values in it. Values stand within elements or within attributes in double quotes.</summary>
    public static Html Of(HtmlText text) => new(text.ToString());

    /// <summary>The piece where the condition holds; else nothing.</summary>
    public static Html If(bool condition, Html piece) => condition ? piece : Empty;

    /// <summary>Pieces one after another.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece.encoded)));

    /// <summary>The encoded text.</summary>
    public override string ToString() => encoded ?? string.Empty;
}
