using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity.People;

/// <summary>How the authorization endpoint learns who is signed in, and where it sends who is not. Implemented by the sign-in pages.</summary>
public interface ISignIn
{
    /// <summary>Whoever is signed in in the browser that sent the request; null where nobody is.</summary>
    ValueTask<SignedInPerson?> FindAsync(Exchange exchange);

    /// <summary>
    /// Path and query of the page to sign in on. It asks for what is wished, and then leads back to <paramref name="returnTo"/>, a path and query of this
    /// same host.
    /// </summary>
    /// <param name="returnTo">Where the browser wanted to go, as it wrote it: the page judges it before it sends anybody there.</param>
    /// <param name="wish">What is asked even of who is signed in.</param>
    string PageFor(string returnTo, SignInWish wish = SignInWish.None);
}
