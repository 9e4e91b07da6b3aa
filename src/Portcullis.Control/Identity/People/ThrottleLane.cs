namespace Portcullis.Control.Identity.People;

/// <summary>What failures are counted by. The numbers are part of keyed hashes in memory alone and may change.</summary>
internal enum ThrottleLane : byte
{
    /// <summary>One address (IPv6: the /64), whatever accounts.</summary>
    Address = 0,

    /// <summary>One account from one address.</summary>
    Pair = 1,

    /// <summary>One account from everywhere, but for devices that its owner signed in from.</summary>
    Account = 2,

    /// <summary>One account from one such device.</summary>
    Device = 3,

    /// <summary>Codes of one account, behind its password; of a known device apart.</summary>
    Code = 4,
}
