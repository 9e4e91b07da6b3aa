using Portcullis.Gateway.Identity.People;

namespace Portcullis.Control.Identity.Account;

/// <summary>The query of the sign-in pages: where to go afterwards, and what is asked.</summary>
internal static class SignInQuery
{
    private const string Fresh = "fresh";
    private const string SecondFactor = "factor";

    /// <summary>Path and query of the sign-in page.</summary>
    public static string PageFor(string returnTo, SignInWish wish) => Of(AccountPaths.SignIn, returnTo, wish);

    /// <summary>Path and query of one of its steps.</summary>
    public static string Of(string path, string returnTo, SignInWish wish)
    {
        var query = wish == SignInWish.None ? string.Empty : "for=" + Text(wish);
        if (ReturnPath.Read(returnTo) is var to && to != ReturnPath.Usual) query += (query.Length == 0 ? "return=" : "&return=") + Uri.EscapeDataString(to);
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    /// <summary>The wish as it stands in the query; empty for none.</summary>
    public static string Text(SignInWish wish) => wish switch { SignInWish.Fresh => Fresh, SignInWish.SecondFactor => SecondFactor, _ => string.Empty };

    public static SignInWish ReadWish(string text) => text switch { Fresh => SignInWish.Fresh, SecondFactor => SignInWish.SecondFactor, _ => SignInWish.None };
}
