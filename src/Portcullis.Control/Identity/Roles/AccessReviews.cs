using System.Buffers.Text;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Trust.Sealing;
using Entities = Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Identity.Roles;

/// <summary>Signed reviews in the database: what was found is sealed, since it tells who may do what and where to attack; the signature stands beside it.</summary>
/// <param name="store">The database.</param>
/// <param name="sealer">Seals what was found.</param>
public sealed class AccessReviews(Store store, Sealer sealer)
{
    private const int MostOctets = 4 * 1024 * 1024;

    /// <summary>Keeps a review as <see cref="SignedReview.Sign"/> gave it.</summary>
    /// <returns>Its id; null where it is longer than the database takes: 4 MiB.</returns>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public async Task<string?> AddAsync(SignedReview review, string signed, CancellationToken cancellationToken = default)
    {
        if (signed.Split('.') is not [var header, var payload, var signature]) throw new ArgumentException("no compact JWS", nameof(signed));
        var found = Base64Url.DecodeFromChars(payload);
        if (found.Length + Sealer.Overhead > MostOctets) return null;

        var id = Guid.NewGuid();
        await store.UseAsync(context =>
        {
            context.AccessReviews.Add(new Entities.AccessReview
            {
                Id = id,
                Created = review.Review.Time,
                Due = review.Due,
                Closed = review.Review.Time,
                Reviewer = review.Reviewer,
                Findings = Entities.AccessReview.AllFindings.Seal(sealer, id, found),

                // RFC 7515 appendix F: the payload is detached, and put back between the dots.
                Signature = $"{header}..{signature}",
            });
            return context.SaveChangesAsync(cancellationToken);
        }).ConfigureAwait(false);
        return id.ToString("N");
    }

    /// <summary>All reviews, the newest first.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<IReadOnlyList<ReviewRecord>> ListAsync(CancellationToken cancellationToken = default)
    {
        var rows = await store.UseAsync(context => context.AccessReviews
            .Where(row => row.Signature != null)
            .OrderByDescending(row => row.Created)
            .Select(row => new { row.Id, row.Reviewer, row.Created, row.Due })
            .ToListAsync(cancellationToken)).ConfigureAwait(false);
        return [.. rows.Select(row => new ReviewRecord(row.Id.ToString("N"), row.Reviewer ?? string.Empty, row.Created, row.Due))];
    }

    /// <summary>The signed record as it was made; null where there is none of that id, or what it says can't be opened.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<string?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        if (!Guid.TryParseExact(id, "N", out var key)) return null;
        var row = await store.UseAsync(context => context.AccessReviews.SingleOrDefaultAsync(row => row.Id == key, cancellationToken)).ConfigureAwait(false);
        if (row is not { Findings: { } findings, Signature: { } signature } || Entities.AccessReview.AllFindings.Open(sealer, key, findings, out var found) != UnsealOutcome.Opened) return null;
        var at = signature.IndexOf("..", StringComparison.Ordinal) + 1;
        return new StringBuilder(signature).Insert(at, Base64Url.EncodeToString(found)).ToString();
    }
}
