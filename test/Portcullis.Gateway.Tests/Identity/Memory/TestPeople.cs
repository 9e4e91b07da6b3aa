using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>People, and who of them is signed in: whoever the cookie <c>who</c> names.</summary>
internal sealed class TestPeople(TimeProvider clock) : IPeople, ISignIn
{
    private readonly ConcurrentDictionary<string, Person> people = new(StringComparer.Ordinal);

    /// <summary>How long ago everybody signed in.</summary>
    public TimeSpan SignedInAgo { get; set; } = TimeSpan.FromMinutes(5);

    public Person Add(string subject, params string[] permissions)
        => people[subject] = new Person { Subject = subject, Permissions = permissions, Name = "Ada L.", UserName = "ada", Email = "ada@example.com", IsEmailVerified = true };

    public void Disable(string subject) => people.TryRemove(subject, out _);

    public ValueTask<Person?> FindAsync(string subject, CancellationToken cancellationToken) => new(people.GetValueOrDefault(subject));

    public ValueTask<SignedInPerson?> FindAsync(Exchange exchange)
    {
        var cookie = exchange.RequestHeaders.Cookie.ToString();
        return new(cookie.StartsWith("who=", StringComparison.Ordinal)
            ? new SignedInPerson(cookie[4..], "session-of-" + cookie[4..], new AuthenticationEvent(clock.GetUtcNow() - SignedInAgo, ["pwd", "otp", "mfa"]))
            : null);
    }

    public string PageFor(string returnTo, SignInWish wish = SignInWish.None)
        => "/account/sign-in?return=" + Uri.EscapeDataString(returnTo) + (wish == SignInWish.None ? string.Empty : "&wish=" + wish);
}
