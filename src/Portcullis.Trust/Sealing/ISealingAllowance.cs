namespace Portcullis.Trust.Sealing;

/// <summary>Where a sealing key gets permission for its next messages; the ring keeps the count on disk, for all processes together.</summary>
internal interface ISealingAllowance
{
    /// <summary>Grants up to <paramref name="wanted"/> more messages under the key; 0 when its limit is reached or it may not seal any more.</summary>
    long Reserve(string keyId, long wanted);
}
