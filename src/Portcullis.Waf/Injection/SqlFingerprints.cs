namespace Portcullis.Waf.Injection;

/// <summary>The fingerprints of injections, upper and lower case alike as in the reference. Built once, then read only.</summary>
internal static class SqlFingerprints
{
    private const int SlotCount = 16384;
    private const ulong HashFactor = 0x9E3779B97F4A7C15;

    /// <summary>Open addressing of packed fingerprints; 0 is free. About half is taken.</summary>
    private static readonly ulong[] Slots = Build();

    /// <summary>A fingerprint with one more type, a byte each, the first one lowest; 0 is the empty fingerprint.</summary>
    public static ulong Append(ulong fingerprint, int at, SqlTokenType type) => fingerprint | (ulong)type << (8 * at);

    public static bool Contains(ulong fingerprint)
    {
        fingerprint = ToUpper(fingerprint);
        for (var at = SlotOf(fingerprint); Slots[at] != 0; at = (at + 1) % SlotCount)
        {
            if (Slots[at] == fingerprint)
                return true;
        }

        return false;
    }

    /// <summary>Letters to upper case: of the types in use those from 0x61 on are small letters, or braces, which no fingerprint has.</summary>
    private static ulong ToUpper(ulong fingerprint) => fingerprint & ~((fingerprint & 0x4040404040404040) >> 1);

    private static uint SlotOf(ulong fingerprint) => (uint)(fingerprint * HashFactor >> 50);

    private static ulong[] Build()
    {
        var slots = new ulong[SlotCount];
        var data = SqlFingerprintData.Fingerprints;
        foreach (var range in data.SplitAny(" \n"u8))
        {
            var item = data[range];
            var lead = item.IndexOf((byte)'=');
            ulong start = 0;
            for (var i = 0; i < lead; i++)
                start = Append(start, i, (SqlTokenType)item[i]);
            foreach (var last in item[(lead + 1)..])
                Place(slots, ToUpper(Append(start, lead, (SqlTokenType)last)));
        }

        return slots;
    }

    private static void Place(ulong[] slots, ulong fingerprint)
    {
        var at = SlotOf(fingerprint);
        while (slots[at] != 0)
            at = (at + 1) % SlotCount;
        slots[at] = fingerprint;
    }
}
