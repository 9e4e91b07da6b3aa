using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Storage;

/// <summary>
/// A column of what is personal: its values are sealed under the key of the person they are about, so that destroying that key erases them everywhere, backups included. Table,
/// column and row are authenticated as in <see cref="SealedColumn"/>. A rotation of the key ring leaves these values as they are: it is the persons' keys that are sealed anew.
/// </summary>
/// <param name="table">The table's name. Authenticated: it never changes.</param>
/// <param name="column">The column's name. Authenticated: it never changes.</param>
public sealed class PersonalColumn(string table, string column)
{
    /// <summary>Table.</summary>
    public string Table { get; } = table;

    /// <summary>Column.</summary>
    public string Column { get; } = column;

    /// <summary>
    /// Seals text for the row with that key. Null where the person's key was destroyed: the text must not be stored. May write to the database to make the person's first
    /// key, so call it outside of transactions.
    /// </summary>
    /// <exception cref="KeyRingException">The ring's count of messages could not be written.</exception>
    public async ValueTask<Sealed?> SealAsync(SubjectSealer sealer, string subject, Guid row, string text, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            return await sealer.SealAsync(subject, bytes, Context(row), cancellationToken).ConfigureAwait(false) is { } envelope ? Sealed.FromEnvelope(envelope) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Opens the text of a row; null where it does not open: the person's key was destroyed, or this is not what was sealed for this row.</summary>
    public async ValueTask<string?> OpenAsync(SubjectSealer sealer, string subject, Guid row, Sealed value, CancellationToken cancellationToken)
    {
        var opened = await sealer.OpenAsync(subject, value.ToArray(), Context(row), cancellationToken).ConfigureAwait(false);
        if (opened.Plaintext is not { } plain) return null;
        var text = Encoding.UTF8.GetString(plain);
        CryptographicOperations.ZeroMemory(plain);
        return text;
    }

    private SealingContext Context(Guid row) => SealingContext.Of(Table, Column, SealedColumn.Row(row));
}
