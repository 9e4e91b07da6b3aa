namespace Portcullis.Waf.Injection;

/// <summary>The two ways in which servers read comments.</summary>
internal enum SqlDialect
{
    /// <summary><c>--</c> always begins a comment, <c>#</c> is an operator.</summary>
    Ansi,

    /// <summary><c>--</c> begins a comment before white space only, <c>#</c> always.</summary>
    MySql,
}
