using System.Buffers;
using System.Collections.Immutable;

namespace Portcullis.Gateway.Routing;

/// <summary>
/// Finds the most specific route of a request. Order: exact host, longer wildcard, shorter wildcard, any host; then the path segment by
/// segment, literal before variable before rest; then named methods before any; then more header conditions; then more query conditions.
/// Routes that are equal in all of that and could match the same request are an error when the table is built.
/// A lookup hashes the host and then each segment, so it does not grow with the number of routes; it allocates nothing.
/// Immutable and thread-safe.
/// </summary>
internal sealed class RouteTable<T>
{
    /// <summary>
    /// Steps that one lookup in the tree of one host may take in the worst case, for each of the two readings of a path
    /// (<see cref="LookalikePath"/>). Routes that nest literals and variables in every combination could take more, which a client could
    /// make use of: such a table is refused when it is built.
    /// </summary>
    public const int MaximumCost = 1024;

    private const int StackLength = 512;

    private readonly MethodSet methods = new();
    private readonly Dictionary<string, RouteNode<T>> exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RouteNode<T>> wildcards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RouteNode<T>>.AlternateLookup<ReadOnlySpan<char>> exactLookup;
    private readonly Dictionary<string, RouteNode<T>>.AlternateLookup<ReadOnlySpan<char>> wildcardLookup;
    private RouteNode<T>? anyHost;
    private int longestWildcard;

    private RouteTable()
    {
        exactLookup = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        wildcardLookup = wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Builds a table, or returns null with all that is wrong in <paramref name="errors"/>.</summary>
    public static RouteTable<T>? Build(IEnumerable<RouteEntry<T>> routes, out ImmutableArray<RouteTableError> errors)
    {
        var table = new RouteTable<T>();
        var found = ImmutableArray.CreateBuilder<RouteTableError>();
        foreach (var route in routes)
            table.Add(route, found);

        table.Freeze(found);
        errors = found.ToImmutable();
        return errors.IsEmpty ? table : null;
    }

    /// <summary>Finds the route of a request.</summary>
    public RouteResult<T> Find<TFields>(in HostName host, in RequestTarget target, ReadOnlySpan<char> method, TFields fields)
        where TFields : IRequestFields, allows ref struct =>
        Find(host.Name, target.Path, method, target.QueryText, fields);

    /// <summary>
    /// Finds the route of a request.
    /// </summary>
    /// <param name="host">The normalised host; empty when the request has none.</param>
    /// <param name="path">The normalised path.</param>
    /// <param name="method">The method.</param>
    /// <param name="query">The query without its <c>?</c>.</param>
    /// <param name="fields">The header fields.</param>
    public RouteResult<T> Find<TFields>(
        ReadOnlySpan<char> host, ReadOnlySpan<char> path, ReadOnlySpan<char> method, ReadOnlySpan<char> query, TFields fields)
        where TFields : IRequestFields, allows ref struct
    {
        if (!path.StartsWith('/'))
            return default;

        var search = new RouteSearch<T, TFields>(methods.BitOf(method), query, fields);
        var found = Search(host, path, ref search);
        if (found is null)
            return new RouteResult<T>(search.IsMethodAllThatLacks ? RouteResultKind.MethodNotAllowed : RouteResultKind.NotFound);

        return LookalikePath.MayDiffer(path) && !IsSameForLookalike(found, host, path, ref search)
            ? new RouteResult<T>(RouteResultKind.Ambiguous)
            : new RouteResult<T>(found);
    }

    /// <summary>Walks the trees of the host, most specific first.</summary>
    internal RouteCandidate<T>? Search<TFields>(scoped ReadOnlySpan<char> host, scoped ReadOnlySpan<char> path, scoped ref RouteSearch<T, TFields> search)
        where TFields : IRequestFields, allows ref struct
    {
        var rest = path[1..];
        if (this.exact.Count > 0 && exactLookup.TryGetValue(host, out var root) && search.Walk(root, rest) is { } exact)
            return exact;

        for (var suffix = host; wildcards.Count > 0;)
        {
            var dot = suffix.IndexOf('.');
            if (dot < 0)
                break;

            suffix = suffix[(dot + 1)..];
            if (suffix.Length <= longestWildcard && wildcardLookup.TryGetValue(suffix, out root) && search.Walk(root, rest) is { } wildcard)
                return wildcard;
        }

        return anyHost is null ? null : search.Walk(anyHost, rest);
    }

    private bool IsSameForLookalike<TFields>(RouteCandidate<T> found, ReadOnlySpan<char> host, ReadOnlySpan<char> path, ref RouteSearch<T, TFields> search)
        where TFields : IRequestFields, allows ref struct
    {
        char[]? rented = null;
        var buffer = path.Length <= StackLength ? stackalloc char[StackLength] : (rented = ArrayPool<char>.Shared.Rent(path.Length));
        try
        {
            return !LookalikePath.TryWrite(path, buffer, out var written)
                || ReferenceEquals(Search(host, buffer[..written], ref search), found);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }

    private void Add(RouteEntry<T> route, ImmutableArray<RouteTableError>.Builder errors)
    {
        if (!TryMask(route, errors, out var methods))
            return;

        var match = route.Match;
        if (match.Headers.Count > RouteMatch.MaximumConditions || match.Query.Count > RouteMatch.MaximumConditions)
        {
            errors.Add(new(route.Name, null, $"Route '{route.Name}' has more than {RouteMatch.MaximumConditions} conditions of one kind.", "Split it into several routes."));
            return;
        }

        var candidate = new RouteCandidate<T>(route, methods);
        if (match.Hosts.Count == 0)
            (anyHost ??= new RouteNode<T>()).Add(candidate);

        foreach (var host in match.Hosts.Distinct())
        {
            var roots = host.IsWildcard ? wildcards : exact;
            if (!roots.TryGetValue(host.Name, out var root))
                roots.Add(host.Name, root = new RouteNode<T>());
            if (host.IsWildcard)
                longestWildcard = Math.Max(longestWildcard, host.Name.Length);
            root.Add(candidate);
        }
    }

    private bool TryMask(RouteEntry<T> route, ImmutableArray<RouteTableError>.Builder errors, out ulong mask)
    {
        mask = route.Match.Methods.Count == 0 ? MethodSet.Any : 0;
        foreach (var method in route.Match.Methods)
        {
            RouteTableError? error = null;
            if (method.Length == 0 || method.AsSpan().ContainsAnyExcept(RouteCharacters.Token))
                error = new(route.Name, null, $"'{method}' is no method.", "Write a method name, for instance GET.");
            else if (method is "CONNECT")
                error = new(route.Name, null, "CONNECT can't be routed.", "Leave it out: WebSocket over HTTP/2 is matched as GET.");
            else if (!methods.TryAdd(method, out var bit))
                error = new(route.Name, null, $"The routes name more than {MethodSet.Maximum} different methods.", "Leave methods out where any will do.");
            else
                mask |= bit;

            if (error is not null)
            {
                errors.Add(error);
                return false;
            }
        }

        return true;
    }

    private void Freeze(ImmutableArray<RouteTableError>.Builder errors)
    {
        // A pair that shares several hosts is reported once.
        var reported = new HashSet<(string, string)>();
        void Ambiguous(RouteCandidate<T> left, RouteCandidate<T> right)
        {
            var (first, second) = string.CompareOrdinal(left.Name, right.Name) <= 0 ? (left, right) : (right, left);
            if (reported.Add((first.Name, second.Name)))
            {
                errors.Add(new(first.Name, second.Name, $"Routes '{first.Name}' and '{second.Name}' are ambiguous: both can match the same request and none is more specific.",
                    "Give them different methods, or a header or query condition that only one request of the two meets."));
            }
        }

        foreach (var (host, root) in Roots())
        {
            root.Freeze(Ambiguous);
            if (root.Cost() is > MaximumCost and var cost)
            {
                errors.Add(new("", null, $"The routes for {host} nest so many alternatives that one lookup could take {cost} steps; the limit is {MaximumCost}.",
                    "Use fewer combinations of literals and variables in the same places, fewer routes on one and the same path, or {**rest}."));
            }
        }
    }

    private IEnumerable<(string Host, RouteNode<T> Root)> Roots()
    {
        foreach (var (name, root) in exact)
            yield return ($"host '{name}'", root);
        foreach (var (name, root) in wildcards)
            yield return ($"host '*.{name}'", root);
        if (anyHost is not null)
            yield return ("any host", anyHost);
    }
}
