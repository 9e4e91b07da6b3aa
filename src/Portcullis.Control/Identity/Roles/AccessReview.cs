using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// Compares what was granted with what was used (NIST SP 800-53, AC-6(7): review of user privileges; AC-2(3): disable accounts). Computes and changes nothing.
/// </summary>
public sealed record AccessReview
{
    /// <summary>Findings that a review has at most; how many more there are is told.</summary>
    public const int MostFindings = 10_000;

    private const int MostNamed = 20;

    /// <summary>When it was computed.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The first day whose uses count.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Whether every use since then is known. Where not, nothing is proposed for want of use.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Accounts that were looked at.</summary>
    public required int Holders { get; init; }

    /// <summary>What was found, by subject, then kind, then permission.</summary>
    public required IReadOnlyList<AccessFinding> Findings { get; init; }

    /// <summary>Findings beyond <see cref="MostFindings"/>.</summary>
    public required int Omitted { get; init; }

    /// <summary>Reviews the holders.</summary>
    public static AccessReview Of(RoleSet roles, IEnumerable<AccessHolder> holders, PermissionEvidence evidence, AccessReviewRules rules, DateTimeOffset now)
    {
        var from = DateOnly.FromDateTime((now - rules.UnusedFor).UtcDateTime);
        var isComplete = evidence.Covers(from);
        var used = evidence.Uses.Where(use => use.Day >= from).ToLookup(use => use.Caller, use => use.Permission, StringComparer.Ordinal);
        var findings = new List<AccessFinding>();
        var count = 0;
        foreach (var holder in holders)
        {
            count++;
            var own = used[holder.Caller ?? holder.Subject].ToHashSet(StringComparer.Ordinal);
            AddAccount(findings, roles, holder, rules, now);
            AddGrants(findings, roles, holder, own, rules, isComplete, from);
        }

        var sorted = findings.OrderBy(finding => finding.Subject, StringComparer.Ordinal).ThenBy(finding => finding.Kind).ThenBy(finding => finding.About, StringComparer.Ordinal);
        return new AccessReview
        {
            Time = now,
            From = from,
            IsComplete = isComplete,
            Holders = count,
            Findings = [.. sorted.Take(MostFindings)],
            Omitted = Math.Max(0, findings.Count - MostFindings),
        };
    }

    private static void AddAccount(List<AccessFinding> findings, RoleSet roles, AccessHolder holder, AccessReviewRules rules, DateTimeOffset now)
    {
        if (holder.IsDisabled) return;
        if (holder is { IsPerson: true, HasSecondFactor: false })
        {
            foreach (var role in holder.Roles.Where(roles.NeedsFactor).Distinct(StringComparer.Ordinal))
                findings.Add(new(AccessFindingKind.FactorMissing, holder.Subject, role, $"holds role {role}, which needs a second factor, and has none", "have a second factor enrolled, or take the role back"));
            findings.Add(new(AccessFindingKind.NoSecondFactor, holder.Subject, string.Empty, "signs in with a password alone", "have a second factor or a passkey enrolled"));
        }

        if ((holder.LastSeen ?? holder.Created) is var last && now - last >= rules.DormantFor)
        {
            var text = holder.LastSeen is null ? $"was made on {last:yyyy-MM-dd} and never used" : $"was last used on {last:yyyy-MM-dd}";
            findings.Add(new(AccessFindingKind.Dormant, holder.Subject, string.Empty, text, "disable the account"));
        }
    }

    private static void AddGrants(List<AccessFinding> findings, RoleSet roles, AccessHolder holder, HashSet<string> used, AccessReviewRules rules, bool isComplete, DateOnly from)
    {
        foreach (var role in holder.Roles.Where(role => !roles.Names.Contains(role)).Distinct(StringComparer.Ordinal))
            findings.Add(new(AccessFindingKind.UnknownRole, holder.Subject, role, $"holds role {role}, which is not defined and grants nothing", "take the role back: whoever defines one of that name grants it"));
        if (roles.Conflict(holder.Roles, holder.Permissions) is { } conflict)
            findings.Add(new(AccessFindingKind.Separation, holder.Subject, $"{conflict.First} {conflict.Second}", conflict.Text, "take one of the two back"));

        var grants = roles.Effective(holder.Roles, holder.Permissions).Grants;
        foreach (var grant in grants.Where(grant => rules.Sensitive.Any(grant.Permission.Overlaps)))
            findings.Add(new(AccessFindingKind.Sensitive, holder.Subject, grant.Permission.Text, $"holds {grant.Permission} ({grant.Way})", "confirm that it is needed"));

        // What is younger than the period had no time to be used.
        if (DateOnly.FromDateTime(holder.Created.UtcDateTime) > from) return;
        AddUnused(findings, roles, holder, grants, used, isComplete);
    }

    private static void AddUnused(List<AccessFinding> findings, RoleSet roles, AccessHolder holder, IReadOnlyList<Grant> grants, HashSet<string> used, bool isComplete)
    {
        var doubt = isComplete ? string.Empty : ", as far as recorded";
        string? Proposed(string proposal) => isComplete ? proposal : null;

        var whole = new HashSet<string>(StringComparer.Ordinal);
        foreach (var role in holder.Roles.Distinct(StringComparer.Ordinal))
        {
            var given = roles.Effective([role], []).Grants;
            if (given.Count == 0 || given.Any(grant => used.Any(permission => grant.Permission.Matches(permission)))) continue;
            whole.Add(role);
            findings.Add(new(AccessFindingKind.UnusedRole, holder.Subject, role, $"used none of the {given.Count} permissions of role {role}{doubt}", Proposed($"take role {role} back")));
        }

        foreach (var grant in grants)
        {
            var uses = used.Where(permission => grant.Permission.Matches(permission)).Order(StringComparer.Ordinal).ToList();
            var what = $"{grant.Permission} ({grant.Way})";
            if (uses.Count == 0 && !(grant.Roles is [var role, ..] && whole.Contains(role)))
            {
                var proposal = grant.Roles.Count == 0 ? $"take {grant.Permission} back" : $"grant a role without {grant.Permission} instead of {grant.Roles[0]}";
                findings.Add(new(AccessFindingKind.Unused, holder.Subject, grant.Permission.Text, $"did not use {what}{doubt}", Proposed(proposal)));
            }
            else if (uses.Count > 0 && grant.Permission.HasWildcard)
            {
                var named = string.Join(", ", uses.Take(MostNamed)) + (uses.Count > MostNamed ? $" and {uses.Count - MostNamed} more" : string.Empty);
                findings.Add(new(AccessFindingKind.TooWide, holder.Subject, grant.Permission.Text, $"holds {what} and used of it {named}{doubt}", Proposed($"grant {named} instead of {grant.Permission}")));
            }
        }
    }
}
