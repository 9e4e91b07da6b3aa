using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace Portcullis.Gateway.Routing;

/// <summary>A host of a route: an exact name or address, or <c>*.name</c> for every name below it, at any depth.</summary>
internal sealed record RouteHost
{
    private RouteHost(string name, bool isWildcard)
    {
        Name = name;
        IsWildcard = isWildcard;
    }

    /// <summary>The name in normal form, without the <c>*.</c> of a wildcard.</summary>
    public string Name { get; }

    /// <summary>Whether it stands for the names below <see cref="Name"/>, which itself is not among them.</summary>
    public bool IsWildcard { get; }

    /// <summary>Reads a host of a route.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RouteHost? host, [NotNullWhen(false)] out RouteError? error)
    {
        host = null;
        error = null;
        var isWildcard = text.StartsWith("*.", StringComparison.Ordinal);
        var rest = isWildcard ? text[2..] : text;
        if (rest is "*" || text is "*.")
            error = new("'*' is no host.", "Leave hosts out to match any host.");
        else if (rest.Contains('*'))
            error = new($"'{text}' has an asterisk inside.", "A wildcard is *. followed by a name, for instance *.example.com.");
        else if (!Ascii.IsValid(rest))
            error = new($"'{text}' is not ASCII.", "Write an international name in its xn-- form.");
        else if (!HostName.TryNormalise(rest, out var name, out var broken))
            error = new($"'{text}' is no host name.", broken.Text());
        else if (name.Port != 0)
            error = new($"'{text}' has a port.", "Routes match on names alone: leave the port out; listeners decide on ports.");
        else if (isWildcard && (name.Name[0] == '[' || IPAddress.TryParse(name.Name, out _)))
            error = new($"'{text}' is a wildcard for an address.", "Write the whole address.");
        else
            host = new RouteHost(name.ToString(), isWildcard);

        return host is not null;
    }

    /// <summary>Whether a normalised host name matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> host) => IsWildcard
        ? host.Length > Name.Length + 1 && host[^(Name.Length + 1)] == '.' && host.EndsWith(Name, StringComparison.Ordinal)
        : host.SequenceEqual(Name);

    /// <summary>Whether every host that the other matches is one that this wildcard matches.</summary>
    public bool Covers(RouteHost other) => IsWildcard && (IsMatch(other.Name) || (other.IsWildcard && other.Name == Name));

    /// <inheritdoc/>
    public override string ToString() => IsWildcard ? "*." + Name : Name;
}
