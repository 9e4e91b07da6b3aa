using Portcullis.Control.Identity.Account.Markup;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>A page before its frame is drawn.</summary>
/// <param name="Title">Heading and title.</param>
/// <param name="Body">What stands below the heading.</param>
internal sealed record Page(string Title, Html Body)
{
    /// <summary>Who is signed in, for the line above; null where nobody is.</summary>
    public string? SignedInAs { get; init; }

    /// <summary>Whether it may run the script, which passkeys need and nothing else.</summary>
    public bool HasScript { get; init; }

    /// <summary>Where the browser goes on to by itself; null: nowhere.</summary>
    public string? GoesOnTo { get; init; }

    /// <summary>Where the page stands in the menu; empty: nowhere.</summary>
    public string Place { get; init; } = string.Empty;
}
