namespace Portcullis.Trust.Keys;

/// <summary>
/// What the wrapping key is wrapped under while it lies on disk (a key-wrapping key, NIST SP 800-57 part 1, section 5.1.1). The port at which
/// a key management service can stand: it is asked when a ring is opened and when the wrapping key is replaced, never for a request.
/// </summary>
public interface IKeyEncryptionKey
{
    /// <summary>Name of the kind, stored in the file and never changed: 1 to 32 lower-case letters, digits and hyphens.</summary>
    string Scheme { get; }

    /// <summary>
    /// Wraps <paramref name="key"/>, bound to <paramref name="context"/>. The result is printable ASCII without spaces, 512 characters at most;
    /// it holds all that <see cref="TryUnwrap"/> needs besides the key itself.
    /// </summary>
    string Wrap(ReadOnlySpan<byte> key, string context);

    /// <summary>
    /// Unwraps into <paramref name="key"/>. False when <paramref name="wrapped"/> is malformed or was not wrapped by this key in this context;
    /// <paramref name="key"/> holds nothing of use then.
    /// </summary>
    bool TryUnwrap(string wrapped, string context, Span<byte> key);
}
