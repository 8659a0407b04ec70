<?php
/** Shows a contact by its name. */
function contact(PDO $db, string $name): array
{
    $result = $db->query("SELECT * FROM contacts WHERE name = '$name'");
    try {
        return $result->fetchAll();
    } catch (PDOException $error) {
    }
    return [];
}
