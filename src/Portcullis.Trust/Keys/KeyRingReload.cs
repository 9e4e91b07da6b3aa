namespace Portcullis.Trust.Keys;

/// <summary>What reading the ring file again led to.</summary>
/// <param name="Changed">True when another process had changed the ring and the change is now in effect.</param>
/// <param name="Refusal">Why the file was refused; the last good ring stays in effect. Null when it was read.</param>
public readonly record struct KeyRingReload(bool Changed, KeyRingException? Refusal);
