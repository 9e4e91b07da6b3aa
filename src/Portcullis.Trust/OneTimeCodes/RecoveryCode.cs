using Portcullis.Trust.Keys;

namespace Portcullis.Trust.OneTimeCodes;

/// <summary>A fresh recovery code: the text is shown once, the hash is stored.</summary>
/// <param name="Text">Five groups of five characters.</param>
/// <param name="Hash">SHA-256, 32 bytes.</param>
public sealed record RecoveryCode(Secret Text, ReadOnlyMemory<byte> Hash);
