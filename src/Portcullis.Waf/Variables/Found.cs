using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>One value that a target stands for.</summary>
internal struct Found
{
    public const int NoValue = -1;

    public Variable Variable;

    /// <summary>The member's name; empty for a variable without members.</summary>
    public Slice Name;

    public int NameId;

    /// <summary>The value's number in the <see cref="Engine.ValueTable"/>; <see cref="NoValue"/> while it is only in <see cref="Text"/> or <see cref="Number"/>.</summary>
    public int Value;

    public Slice Text;

    public bool IsNumber;

    public long Number;

    public bool IsCount;
}
