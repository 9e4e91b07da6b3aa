using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portcullis.Control.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Clients : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "changes",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    topic = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    key = table.Column<string>(type: "TEXT", maxLength: 512, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_changes", x => x.id);
                    table.CheckConstraint("CK_changes_key_length", "length(\"key\") <= 512");
                    table.CheckConstraint("CK_changes_topic_length", "length(\"topic\") <= 64");
                });

            migrationBuilder.CreateTable(
                name: "clients",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    secret_hash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    permissions = table.Column<string>(type: "TEXT", maxLength: 16384, nullable: false),
                    is_disabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    created = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_clients", x => x.id);
                    table.CheckConstraint("CK_clients_id_length", "length(\"id\") <= 64");
                    table.CheckConstraint("CK_clients_permissions_length", "length(\"permissions\") <= 16384");
                    table.CheckConstraint("CK_clients_secret_hash_length", "length(\"secret_hash\") <= 32");
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "changes");

            migrationBuilder.DropTable(
                name: "clients");
        }
    }
}
