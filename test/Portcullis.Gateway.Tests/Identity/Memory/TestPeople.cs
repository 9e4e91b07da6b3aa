using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>People, and who of them is signed in: whoever the cookie <c>who</c>, or that of a session, names.</summary>
internal sealed class TestPeople(TimeProvider clock) : IPeople, ISignIn
{
    private readonly ConcurrentDictionary<string, Person> people = new(StringComparer.Ordinal);

    /// <summary>How long ago everybody signed in.</summary>
    public TimeSpan SignedInAgo { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>By what everybody signed in.</summary>
    public IReadOnlyList<string> Methods { get; set; } = ["pwd", "otp", "mfa"];

    public Person Add(string subject, params string[] permissions)
        => people[subject] = new Person { Subject = subject, Permissions = permissions, Name = "Ada L.", UserName = "ada", Email = "ada@example.com", IsEmailVerified = true };

    /// <summary>Changes a person.</summary>
    public void Change(string subject, Func<Person, Person> change) => people[subject] = change(people[subject]);

    public void Disable(string subject) => people.TryRemove(subject, out _);

    public ValueTask<Person?> FindAsync(string subject, CancellationToken cancellationToken) => new(people.GetValueOrDefault(subject));

    public ValueTask<SignedInPerson?> FindAsync(Exchange exchange)
    {
        var cookies = exchange.RequestHeaders.Cookie.ToString().Split("; ");
        var who = cookies.FirstOrDefault(cookie => cookie.StartsWith("who=", StringComparison.Ordinal) || cookie.StartsWith(OwnCookies.Session + "=", StringComparison.Ordinal));
        if (who is null) return new((SignedInPerson?)null);
        var name = who[(who.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return new(name.StartsWith("ended", StringComparison.Ordinal) ? null : new SignedInPerson(name, "session-of-" + name, new AuthenticationEvent(clock.GetUtcNow() - SignedInAgo, Methods)));
    }

    public string PageFor(string returnTo, SignInWish wish = SignInWish.None)
        => "/account/sign-in?return=" + Uri.EscapeDataString(returnTo) + (wish == SignInWish.None ? string.Empty : "&wish=" + wish);
}
