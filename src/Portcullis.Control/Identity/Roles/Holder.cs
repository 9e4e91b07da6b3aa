using System.Diagnostics.CodeAnalysis;
using Portcullis.Control.Identity.People;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// Whom roles, API keys and uses of permissions belong to: a person, by the subject of their tokens, or a client, by its id. The two never have the same form.
/// </summary>
/// <param name="Subject">32 lower-case hexadecimal digits, which is a person, or a client's id.</param>
internal readonly record struct Holder(string Subject)
{
    public const string PersonKind = "person";

    public const string ClientKind = "client";

    /// <summary>Longest subject, in characters.</summary>
    public const int Longest = 64;

    /// <summary>Whether it is a person.</summary>
    public bool IsPerson => IsOfPerson(Subject, out _);

    /// <summary>The kind as the database has it.</summary>
    public string Kind => IsPerson ? PersonKind : ClientKind;

    /// <summary>How a change notice names it.</summary>
    public string Key => $"{Kind}:{Subject}";

    /// <summary>Whether a subject has the form of a person's; no client's id has it.</summary>
    public static bool IsOfPerson(string subject, out Guid id) => SubjectId.TryRead(subject, out id);

    /// <summary>Whom a change notice names; false for what none of ours does.</summary>
    public static bool TryRead(string key, [NotNullWhen(true)] out string? subject)
    {
        subject = key.Split(':', 2) is [PersonKind or ClientKind, { Length: > 0 } named] ? named : null;
        return subject is not null;
    }
}
