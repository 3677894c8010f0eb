"""Which language a text is in."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.records.tongue import is_foreign
from stages.testing import texts

SENTENCES = {
    "de": """
        ein Gebäude, in dem eine Familie wohnt. Wir wohnen in einem blauen Haus am Meer.
        Tier, das bellt und das Haus bewacht. Der Hund schläft unter dem Tisch.
        sich mit den Füßen fortbewegen. Jeden Morgen gehe ich zu Fuß zur Schule.
        Möbelstück zum Sitzen. Setz dich bitte auf den Stuhl!
        nicht groß. Mein Bruder hat eine kleine Katze.
        etwas zu sich nehmen, um satt zu werden. Die Kinder essen gern Äpfel.
        Zeit, in der es dunkel ist. In der Nacht sieht man die Sterne.
        jemand, der andere unterrichtet. Unsere Lehrerin erklärt alles sehr gut.
        ohne Geräusche. In der Bibliothek muss man leise sein.
        Getränk aus gerösteten Bohnen. Ich trinke meinen Kaffee ohne Zucker.
        Papier mit Nachrichten. Großvater liest jeden Tag Zeitung.
        warmes Kleidungsstück für draußen. Zieh deinen Mantel an, es schneit!
    """,
    "en": """
        a building in which a family lives. We live in a blue house by the sea.
        an animal that barks and guards the home. The dog sleeps under the table.
        to move on foot. Every morning I walk to school with my sister.
        a piece of furniture to sit on. Please take a chair!
        not big. My brother has a small cat.
        to put food into your mouth and swallow it. Children like to eat apples.
        the time when it is dark. You can see the stars at night.
        someone who teaches others. Our teacher explains everything very well.
        without any noise. You must be quiet in the library.
        a drink made of roasted beans. I drink my coffee without sugar.
        paper with news. Grandfather reads his newspaper every day.
        warm clothes for the outside. Put on your coat, it's snowing!
    """,
    "es": """
        edificio donde vive una familia. Vivimos en una casa azul cerca del mar.
        animal que ladra y cuida el hogar. El perro duerme debajo de la mesa.
        moverse a pie. Cada mañana camino a la escuela con mi hermana.
        mueble para sentarse. ¡Toma una silla, por favor!
        no grande. Mi hermano tiene un gato pequeño.
        poner comida en la boca y tragarla. A los niños les gusta comer manzanas.
        tiempo sin luz. De noche se ven las estrellas.
        persona que enseña. Nuestra maestra explica todo muy bien.
        sin ruido. Hay que estar callados en la biblioteca.
        bebida de granos tostados. Tomo mi café sin azúcar.
        papel con noticias. Abuelo lee cada día su periódico.
        ropa caliente. ¡Ponte tu abrigo, que nieva!
    """,
    "fr": """
        bâtiment où vit une famille. Nous habitons dans une maison bleue près de la mer.
        animal qui aboie et garde la maison. Le chien dort sous la table.
        se déplacer à pied. Chaque matin, je marche jusqu'à l'école avec ma sœur.
        meuble pour s'asseoir. Prends une chaise, s'il te plaît !
        pas grand. Mon frère a un petit chat.
        mettre de la nourriture dans sa bouche. Les enfants aiment manger des pommes.
        moment où il fait noir. On voit les étoiles la nuit.
        personne qui enseigne. Notre maîtresse explique tout très bien.
        sans bruit. Il faut être silencieux à la bibliothèque.
        boisson faite de grains grillés. Je bois mon café sans sucre.
        papier avec des nouvelles. Grand-père lit son journal chaque jour.
        vêtement chaud pour sortir. Mets ton manteau, il neige !
    """,
    "it": """
        edificio in cui vive una famiglia. Abitiamo in una casa blu vicino al mare.
        animale che abbaia e fa la guardia. Il cane dorme sotto il tavolo.
        muoversi a piedi. Ogni mattina cammino fino a scuola con mia sorella.
        mobile per sedersi. Prendi una sedia, per favore!
        non grande. Mio fratello ha un gatto piccolo.
        mettere il cibo in bocca. Ai bambini piace mangiare le mele.
        tempo senza luce. Di notte si vedono le stelle.
        persona che insegna. La nostra maestra spiega tutto molto bene.
        senza rumore. Bisogna stare zitti nella biblioteca.
        bevanda di chicchi tostati. Bevo il mio caffè senza zucchero.
        carta con le notizie. Il nonno legge il giornale ogni giorno.
        vestito caldo per uscire. Mettiti il cappotto, che nevica!
    """,
    "pt": """
        edifício onde vive uma família. Moramos em uma casa azul perto do mar.
        animal que late e cuida do lar. O cachorro dorme debaixo da mesa.
        mover-se a pé. Toda manhã caminho até a escola com minha irmã.
        móvel para sentar. Pegue uma cadeira, por favor!
        que não é grande. Meu irmão tem um gato pequeno.
        pôr comida na boca e engolir. As crianças gostam de comer maçãs.
        tempo sem luz. À noite se veem as estrelas.
        pessoa que ensina. Nossa professora explica tudo muito bem.
        sem barulho. É preciso ficar em silêncio na biblioteca.
        bebida feita de grãos torrados. Tomo meu café sem açúcar.
        papel com notícias. O avô lê o jornal todos os dias.
        roupa quente para sair. Ponha o casaco, está nevando!
    """,
}
"""Definition and example, as they stand on cards; the same dozen in every language."""

LINES = [
    (language, line.strip())
    for language, text in SENTENCES.items()
    for line in text.strip().split("\n")
]


def test_no_card_is_foreign_in_its_own_language() -> None:
    """Being wrong about a good card is worse than missing a bad one."""
    assert [line for language, line in LINES if is_foreign(line, language)] == []
    assert [line for _, line in LINES if is_foreign(line, "sv")] == []


def recall(own: str, others: tuple[str, ...]) -> float:
    """Give the share of the cards of other languages that are noticed among those of one's own."""
    lines = [line for language, line in LINES if language in others]
    return sum(is_foreign(line, own) for line in lines) / len(lines)


ROMANCE = ("es", "fr", "it", "pt")


@pytest.mark.parametrize("own", SENTENCES)
def test_most_cards_of_another_language_are_noticed(own: str) -> None:
    """Of a distant one eight in ten; of a near one, which shares many small words, six in ten."""
    near = tuple(one for one in ROMANCE if own in ROMANCE and one != own)
    distant = tuple(one for one in SENTENCES if one not in (*near, own))
    assert recall(own, distant) >= 0.8
    assert not near or recall(own, near) >= 0.6


def test_a_language_is_known_whatever_its_region() -> None:
    """And however its tag is written."""
    english = "a building in which the people of a family live"
    for tag in ("es", "es-419", "ES-mx"):
        assert is_foreign(english, tag)
    for tag in ("en", "en-GB", "", "x-any", "sv"):
        assert not is_foreign(english, tag)


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("дом, в котором живёт семья", "ru", "es"),
        ("σπίτι όπου ζει μια οικογένεια", "el", "de"),
        ("家族が住む建物", "ja", "fr"),
        ("家庭居住的建筑", "zh-Hans", "en"),
        ("가족이 사는 건물", "ko", "it"),
        ("בניין שבו גרה משפחה", "he", "pt"),
        ("مبنى تعيش فيه عائلة", "ar", "es-419"),
    ],
)
def test_another_script_is_another_language(text: str, own: str, other: str) -> None:
    """Both ways; a word in another script among one's own is none."""
    assert not is_foreign(text, own)
    assert is_foreign(text, other)
    assert is_foreign("edificio donde vive una familia", own)
    assert not is_foreign(f"se escribe así: {text[:4]}, y se lee de otra manera", "es")


def test_few_words_decide_nothing() -> None:
    """Nor do names, numbers, what is quoted among words of one's own, and nothing at all."""
    for text in ("", "12:30", "the best", "New York", "«the», el artículo de los ingleses", "¡Ay!"):
        assert not is_foreign(text, "es")


@given(texts() | st.text(), st.sampled_from((*SENTENCES, "ru", "zh", "", "x-any")))
def test_any_text_is_foreign_or_not(text: str, language: str) -> None:
    """It never raises, and case does not count in what is told by words."""
    assert is_foreign(text, language) in (True, False)
    if text.isascii():
        assert is_foreign(text.upper(), language) == is_foreign(text.lower(), language)


def test_no_definition_of_the_lexicon_is_foreign() -> None:
    """Nor any of its examples alone."""
    text = (files("stages.providers") / "lexicon_es.json").read_text(encoding="utf-8")
    entries = [one for several in json.loads(text)["words"].values() for one in several]
    assert entries
    for one in entries:
        both = f"{one['definition']} {one['example']}"
        for part in (both, one["definition"], one["example"], one["context"]):
            assert not is_foreign(part, "es-419"), part
