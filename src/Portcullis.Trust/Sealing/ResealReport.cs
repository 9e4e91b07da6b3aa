namespace Portcullis.Trust.Sealing;

/// <summary>How far sealing anew has come in one store.</summary>
/// <param name="Store">The store's name.</param>
/// <param name="Resealed">Values replaced.</param>
/// <param name="Overtaken">Values that somebody else wrote or removed at the same time: theirs count.</param>
/// <param name="Lost">Values of a key that was destroyed. They are left as they are.</param>
/// <param name="Damaged">Values that do not open although their key is there. They are left as they are.</param>
/// <param name="IsDone">The store has been walked to its end.</param>
public sealed record ResealReport(string Store, long Resealed, long Overtaken, long Lost, long Damaged, bool IsDone)
{
    /// <summary>True when nothing in the store needs a retired key any more, so that such a key can be destroyed without loss.</summary>
    public bool IsClean => IsDone && Damaged == 0;
}
