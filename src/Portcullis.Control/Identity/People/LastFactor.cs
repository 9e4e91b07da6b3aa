using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// The rule that who needs a second factor keeps one. Judged within the transaction that removes a factor and has the person's row (<see cref="PersonRow"/>), for which granting a role
/// waits, too: of two removals at once on any nodes the second one sees what the first one left.
/// </summary>
internal static class LastFactor
{
    /// <summary>Whether a factor has to stay: it is the only one, and the person needs one by themselves or by a role.</summary>
    public static async Task<bool> MustStayAsync(StoreContext context, Guid person, RoleSet roles, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var factors = await context.TotpSecrets.CountAsync(totp => totp.PersonId == person, cancellationToken).ConfigureAwait(false)
            + await context.Passkeys.CountAsync(passkey => passkey.PersonId == person, cancellationToken).ConfigureAwait(false);
        if (factors > 1) return false;
        if (await context.People.AnyAsync(row => row.Id == person && row.RequiresMfa, cancellationToken).ConfigureAwait(false)) return true;

        var subject = SubjectId.Of(person);
        var held = await context.RoleGrants.Where(row => row.HolderKind == Holder.PersonKind && row.HolderId == subject && (row.Expires == null || row.Expires > now))
            .Select(row => row.Role).ToListAsync(cancellationToken).ConfigureAwait(false);
        return held.Any(roles.NeedsFactor);
    }
}
