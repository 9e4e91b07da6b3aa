using Portcullis.Gateway.Identity.ApiKeys;

namespace Portcullis.Control.Identity.ApiKeys;

/// <summary>A key that is neither revoked nor, when it was read, expired, as a node keeps it in memory.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Hash">What it is found by.</param>
/// <param name="Subject">Whose it is.</param>
/// <param name="IsPerson">Whether that is a person.</param>
/// <param name="Permissions">What it is limited to.</param>
/// <param name="Expires">From when on it counts no more.</param>
/// <param name="IsSubjectActive">Whether its subject is there and not disabled.</param>
/// <param name="Tenant">The tenant that its subject belongs to; null for none.</param>
/// <param name="LastUsed">The last day it was used, as far as the database knew.</param>
internal sealed record StoredApiKey(string Id, ApiKeyHash Hash, string Subject, bool IsPerson, IReadOnlyList<string> Permissions, DateTimeOffset Expires, bool IsSubjectActive, string? Tenant, DateOnly LastUsed)
{
    private int used = LastUsed.DayNumber;
    private Answer? answer;

    /// <summary>What was computed of it under this number; null where that was another one.</summary>
    public KnownApiKey? AnswerOf(long version) => Volatile.Read(ref answer) is { } known && known.Version == version ? known.Key : null;

    /// <summary>Keeps what was computed.</summary>
    public KnownApiKey Keep(long version, KnownApiKey key)
    {
        Volatile.Write(ref answer, new(version, key));
        return key;
    }

    /// <summary>That it was used on that day; true where that is news. Of several at once one is told so.</summary>
    public bool IsFirstUseOn(int day)
    {
        var known = Volatile.Read(ref used);
        return known < day && Interlocked.CompareExchange(ref used, day, known) == known;
    }

    private sealed record Answer(long Version, KnownApiKey Key);
}
