using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Storage;

/// <summary>
/// A column whose values are sealed. Table, column and row are authenticated with the value (NIST SP 800-38D §5.2.1.1, additional
/// authenticated data), so one that is copied to another row or column by whoever can write to the database does not open there. An entity declares one
/// beside each property of type <see cref="Sealed"/>; the row's id must be known before its values are sealed, so ids are made here and not by the database.
/// </summary>
/// <param name="table">The table's name. Authenticated: it never changes.</param>
/// <param name="column">The column's name. Authenticated: it never changes.</param>
/// <param name="context">The context of a row where it is not table, column and row, as of keys that <c>SubjectSealer</c> wraps itself.</param>
public sealed class SealedColumn(string table, string column, Func<string, SealingContext>? context = null)
{
    /// <summary>Table.</summary>
    public string Table { get; } = table;

    /// <summary>Column.</summary>
    public string Column { get; } = column;

    /// <summary>Seals a value for the row with that key.</summary>
    /// <exception cref="KeyRingException">The ring's count of messages could not be written.</exception>
    public Sealed Seal(Sealer sealer, string row, ReadOnlySpan<byte> value) => Sealed.FromEnvelope(sealer.Seal(value, Context(row)));

    /// <inheritdoc cref="Seal(Sealer, string, ReadOnlySpan{byte})"/>
    public Sealed Seal(Sealer sealer, Guid row, ReadOnlySpan<byte> value) => Seal(sealer, Row(row), value);

    /// <inheritdoc cref="Seal(Sealer, string, ReadOnlySpan{byte})"/>
    public Sealed Seal(Sealer sealer, Guid row, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            return Seal(sealer, row, bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Opens the value of the row with that key, which is null unless the outcome is <see cref="UnsealOutcome.Opened"/>.</summary>
    public UnsealOutcome Open(Sealer sealer, string row, Sealed value, out byte[]? opened) => sealer.Open(value.Envelope, Context(row), out opened);

    /// <inheritdoc cref="Open(Sealer, string, Sealed, out byte[])"/>
    public UnsealOutcome Open(Sealer sealer, Guid row, Sealed value, out byte[]? opened) => Open(sealer, Row(row), value, out opened);

    /// <summary>Opens text. It is null unless the outcome is <see cref="UnsealOutcome.Opened"/>.</summary>
    public UnsealOutcome OpenText(Sealer sealer, Guid row, Sealed value, out string? text)
    {
        var outcome = Open(sealer, row, value, out var opened);
        text = opened is null ? null : Encoding.UTF8.GetString(opened);
        CryptographicOperations.ZeroMemory(opened);
        return outcome;
    }

    /// <summary>The row of an id, as it is authenticated.</summary>
    internal static string Row(Guid row) => row.ToString("D");

    /// <summary>What is authenticated with the value of a row.</summary>
    internal SealingContext Context(string row) => context is null ? SealingContext.Of(Table, Column, row) : context(row);
}
