#!/usr/bin/env python3
"""Writes assets/ietf92/people.csv: some 600 invented people for the demo.

usage: make_people.py [--check]      (--check: compare with what is there, write nothing)

Nobody here exists. Family names are the word for "example", "sample" or "test" in the
person's language wherever that gives a name; organisations are made of the same words.
Everything follows from one seed, so the same script gives the same bytes.
"""
import csv
import hashlib
import io
import random
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent.parent / "assets" / "ietf92" / "people.csv"
SEED = 92
COLUMNS = ["id", "name", "given", "family", "latin", "org", "country", "kind", "days", "paid",
           "status", "roles", "newcomer", "photo", "gates", "ticket", "mail", "note", "lang"]
DAYS = {"mon": "2015-03-23", "tue": "2015-03-24", "wed": "2015-03-25", "thu": "2015-03-26",
        "fri": "2015-03-27"}
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# Each: language tag, countries, how many, given names, family names. "native=Latin form"
# where the script is not Latin, a low line for a blank within a name; order "fg" puts the
# family name first; glue stands between.
LANGUAGES = [
    ("en", "US US US GB CA AU NZ", 84, "gf", " ",
     "Alex Beth Carol Dana Eli Frances Gus Hattie Iris Jo Kit Lou Max Nell Otis Pru Quinn Ruth "
     "Sam Tess Una Viv Wes Yan Zed",
     "Packet Samplewood Testwell Exampleton Loopback Hopcount Placeholder Mockridge Datagram "
     "Handshake Nullman Checksum Backoff Octet Sampleson McTest O'Sample Fitztest Roundtrip"),
    ("de", "DE DE AT CH", 28, "gf", " ",
     "Anke Björn Cäcilie Dörte Götz Hülya Jörg Käthe Lutz Mette Rüdiger Sönke Thekla Wübke",
     "Mustermann Beispiel Probst-Muster Müßterer Prüfling Beispielhöfer Übungsmann Platzhalter"),
    ("fr", "FR FR CA BE CH", 26, "gf", " ",
     "Aurélie Benoît Chloé Étienne Françoise Gaël Hélène Jérôme Loïc Maëlle Noé Océane Zoé",
     "Exemple Lessai Dumodèle d'Exemple L'Épreuve Spécimen Deséchantillon Gabarit-Maître"),
    ("es", "ES MX AR CL CO UY", 26, "gf", " ",
     "Álvaro Begoña Íñigo Lucía Martín Núria Óscar Pía Raúl Sofía Tomás Úrsula Ximena",
     "Ejemplo Muestra Peñamuestra de_la_Prueba Ejemplar_Núñez Muéstrez_Ibáñez Patrón"),
    ("pt-BR", "BR BR PT MZ", 14, "gf", " ",
     "Antônio Conceição Inês João Luís Márcia Natália Simão Thaís",
     "Exemplo Amostra da_Amostração Modelão Padrões"),
    ("it", "IT IT CH", 10, "gf", " ", "Aldo Bianca Elio Fiora Nicolò Piero Zita",
     "Esempio D'Esempio Campioni Della_Prova Modellò"),
    ("nl", "NL NL BE", 10, "gf", " ", "Aad Bregje Daniël Floortje Joost Maaike Noëlle",
     "Voorbeeld van_der_Voorbeeld van_'t_Monster Proefstra"),
    ("sv", "SE SE FI", 10, "gf", " ", "Åke Bengt Görel Maj-Britt Örjan Saga",
     "Exempelsson Provberg Mallström Försöksgård"),
    ("nb", "NO NO DK", 9, "gf", " ", "Bjørn Gro Håkon Kjersti Søren Åse",
     "Eksempelsen Prøvestad Mønsterås"),
    ("is", "IS", 5, "gf", " ", "Ásdís Ðuro Guðrún Njáll Þórunn", "Dæmisson Dæmisdóttir Sýnisson"),
    ("fi", "FI", 6, "gf", " ", "Aino Eero Päivi Väinö Ylermi", "Esimerkki Mallikas Näytenen Koeharju"),
    ("et", "EE", 3, "gf", " ", "Jüri Õie Tõnis", "Näidis Proovimägi"),
    ("lv", "LV LT", 4, "gf", " ", "Jānis Ģirts Ūna Žygimantas", "Paraugs Pavyzdžius Mēģinājs"),
    ("pl", "PL", 12, "gf", " ", "Łucja Świętosław Żaneta Błażej Grażyna Michał",
     "Przykład Wzórkiewicz Próbka Źdźbło-Próbny"),
    ("cs", "CZ CZ SK", 10, "gf", " ", "Jiří Růžena Šárka Vojtěch Ľubomír Zdeňka",
     "Příklad Vzorek Zkušební Ukážka"),
    ("hu", "HU", 6, "fg", " ", "Ákos Bözsi Győző Lívia Zsuzsa", "Példa Mintaházy Próbás Kísérleti"),
    ("ro", "RO MD", 5, "gf", " ", "Ștefan Țuțu Ioana Mădălina", "Exemplu Modelescu Probănaru"),
    ("hr", "HR RS SI", 6, "gf", " ", "Đurđica Željko Čedomir Šime", "Primjerić Uzorković Pokušaj"),
    ("tr", "TR", 10, "gf", " ", "Işıl İdil Çağrı Gülşen Oğuz Şule Ümit",
     "Örnek Örnekoğlu Denemeci Numunelioğlu Işıközü"),
    ("az", "AZ", 3, "gf", " ", "Əli Günəş Şəbnəm", "Nümunəzadə Sınaqlı"),
    ("vi", "VN", 12, "fg", " ", "An Bình Diệu Hữu Lộc Ngọc Thử Trải Văn_Thử Thị_Mẫu",
     "Nguyễn_Mẫu Trần_Thử Lê_Ví Đỗ_Dụ Phạm_Mẫu"),
    ("cy", "GB", 2, "gf", " ", "Llŷr Tŷ", "Enghraifft Ŵynprawf"),
    ("ga", "IE", 4, "gf", " ", "Éabha Órla Pádraig Tadhg", "Ní_Shampla Ó_Sampla Mac_Triail"),
    ("mt", "MT", 2, "gf", " ", "Ġorġa Ħabiba", "Eżempju Ħaġaprova"),
    ("mi", "NZ", 2, "gf", " ", "Āwhina Tāne", "Tauira Whakamātau"),
    ("yo", "NG", 6, "gf", " ", "Adéọlá Bọ́lá Ṣẹ́gun Títílayọ̀", "Àpẹẹrẹ Ìdánwò Àwòṣe"),
    ("sw", "KE TZ UG", 6, "gf", " ", "Asha Baraka Imani Juma Neema", "Mfano Sampuli Jaribio"),
    ("id", "ID MY", 6, "gf", " ", "Bayu Citra Dewi Intan Rizal", "Contohnya Sampelwati Ujicoba"),
    ("ru", "RU RU KZ BY", 26, "gf", " ",
     "Аглая=Aglaya Борис=Boris Вера=Vera Глеб=Gleb Ёлка=Yolka Злата=Zlata Илья=Ilya "
     "Юрий=Yuri Щедрина=Shchedrina Яна=Yana",
     "Примеренко=Primerenko Образцовец=Obraztsovets Пробник=Probnik Узелко=Uzelko "
     "Тестиди=Testidi"),
    ("uk", "UA", 8, "gf", " ", "Ґалаґан=Galagan Їжачок=Yizhachok Оксана=Oksana Єва=Yeva",
     "Прикладенко=Prykladenko Зразкович=Zrazkovych"),
    ("bg", "BG MK", 4, "gf", " ", "Ангел=Angel Цвета=Tsveta Ѝоан=Yoan", "Примерски=Primerski Ќосев=Kjosev"),
    ("el", "GR CY", 14, "gf", " ",
     "Αγνή=Agni Βίων=Vion Ήρα=Ira Θάλεια=Thaleia Ίων=Ion Ξένια=Xenia Ώρα=Ora",
     "Παραδειγματόπουλος=Paradeigmatopoulos Δοκιμάκης=Dokimakis Προτυπίδης=Protypidis "
     "Δείγμας=Deigmas"),
    ("hy", "AM", 7, "gf", " ", "Անի=Ani Արամ=Aram Եվա=Yeva Նարե=Nare",
     "Օրինակյան=Orinakyan Նմուշյան=Nmushyan Փորձյան=Pordzyan"),
    ("ka", "GE", 7, "gf", " ", "ანა=Ana ბექა=Beka ნინო=Nino ჯაბა=Jaba",
     "მაგალითაძე=Magalitadze ნიმუშიშვილი=Nimushishvili"),
    ("he", "IL", 12, "gf", " ", "אורי=Ori דנה=Dana גיל=Gil נועה=Noa תמר=Tamar",
     "דוגמאי=Dugmai ישראלי־לדוגמה=Yisraeli-Ledugma מבחני=Mivchani"),
    ("ar", "EG JO MA TN AE", 18, "gf", " ",
     "أمل=Amal بدر=Badr جود=Joud ريم=Reem سامي=Sami ليلى=Layla نور=Nour هدى=Huda",
     "المثال=Al-Mithal النموذجي=Al-Namudhaji التجريبي=Al-Tajribi ابن_عيّنة=Ibn_Ayyina"),
    ("fa", "IR", 6, "gf", " ", "پرستو=Parastu گلی=Goli کیان=Kian ژاله=Zhaleh",
     "نمونه‌زاده=Nemunehzadeh آزمایشی=Azmayeshi"),
    ("ur", "PK", 4, "gf", " ", "ٹیپو=Tipu گڑیا=Gurya چاند=Chand", "مثالی=Misali نمونوی=Namoonvi"),
    ("hi", "IN IN NP", 18, "gf", " ",
     "अदिति=Aditi कृष=Krish ज्योति=Jyoti तृप्ति=Tripti श्रुति=Shruti हर्ष=Harsh",
     "उदाहरणकर=Udaharankar नमूनेवाल=Namunewal परीक्षित=Parikshit दृष्टान्त=Drishtant"),
    ("bn", "BD IN", 8, "gf", " ", "অনন্যা=Ananya ঋদ্ধি=Riddhi মৌসুমী=Mousumi স্বপ্ন=Swapno",
     "উদাহরণ=Udaharon নমুনাদার=Nomunadar"),
    ("pa", "IN", 3, "gf", " ", "ਗੁਰਨਾਮ=Gurnam ਜੱਸੀ=Jassi", "ਉਦਾਹਰਣ=Udaharan ਨਮੂਨਾ=Namuna"),
    ("gu", "IN", 3, "gf", " ", "કૃતિ=Kruti હેત=Het", "ઉદાહરણવાલા=Udaharanwala નમૂનાણી=Namunani"),
    ("ta", "IN LK SG", 8, "gf", " ", "அன்பு=Anbu கயல்=Kayal நிலா=Nila யாழ்=Yazh",
     "மாதிரி=Mathiri எடுத்துக்காட்டு=Eduthukkattu"),
    ("te", "IN", 4, "gf", " ", "కృష్ణ=Krishna స్వాతి=Swati", "ఉదాహరణ=Udaharana నమూనా=Namuna"),
    ("kn", "IN", 3, "gf", " ", "ಶ್ರೀ=Shri ಕ್ಷಮಾ=Kshama", "ಉದಾಹರಣೆ=Udaharane ಮಾದರಿ=Madari"),
    ("ml", "IN", 3, "gf", " ", "അമ്മു=Ammu കൃപ=Kripa", "ഉദാഹരണം=Udaharanam മാതൃക=Mathruka"),
    ("si", "LK", 4, "gf", " ", "නිමල්=Nimal ශ්‍රියා=Shriya", "උදාහරණ=Udaharana නියැදිය=Niyadiya"),
    ("th", "TH", 9, "gf", " ", "กบ=Kop ชื่น=Chuen น้ำ=Nam ผึ้ง=Phueng",
     "ตัวอย่าง=Tuayang ทดลองใช้=Thotlongchai แบบอย่างดี=Baepyangdi"),
    ("lo", "LA", 3, "gf", " ", "ແກ້ວ=Kaeo ດາວ=Dao", "ຕົວຢ່າງ=Tuayang"),
    ("km", "KH", 4, "fg", " ", "ផ្កា=Phka ស្រី=Srey", "ឧទាហរណ៍=Utahor គំរូ=Kumru"),
    ("my", "MM", 4, "gf", " ", "ကြည်=Kyi နှင်း=Hnin", "ဥပမာ=Upama နမူနာ=Namuna"),
    ("am", "ET", 5, "gf", " ", "ሀና=Hana ዳዊት=Dawit ጽጌ=Tsige", "ምሳሌ=Misale ናሙና=Namuna"),
    ("dv", "MV", 2, "gf", " ", "އައިޝާ=Aisha ޒިޔާ=Ziya", "މިސާލު=Misaalu"),
    ("mn", "MN", 3, "gf", " ", "Өнөр=Onor Үүлэн=Uulen", "Жишээгийн=Jisheegiin"),
    ("zh-Hans", "CN CN CN SG", 34, "fg", "",
     "例=Li 试=Shi 样本=Yangben 小测=Xiaoce 范=Fan 晓例=Xiaoli 包=Bao 端=Duan 三=San 四=Si",
     "张=Zhang 李=Li 王=Wang 欧阳=Ouyang 赵=Zhao 钱=Qian 孙=Sun"),
    ("zh-Hant", "TW HK", 14, "fg", "",
     "範例=Fanli 試樣=Shiyang 小測=Hsiaotse 點=Tien 號=Hao 樣=Yang",
     "張=Chang 陳=Chen 劉=Liu 龔=Kung 諸葛=Chuko"),
    ("ja", "JP JP", 26, "fg", " ",
     "太郎=Taro 花子=Hanako 見本=Mihon さくら=Sakura ひな=Hina レイ=Rei サンプル=Sanpuru 一=Hajime",
     "例山=Reiyama 試田=Tameshida 見本川=Mihongawa 雛形=Hinagata 髙例=Takarei"),
    ("ko", "KR", 18, "fg", "",
     "예시=Yesi 견본=Gyeonbon 보기=Bogi 시험=Siheom 샘플=Saempeul 본=Bon",
     "김=Kim 이=Lee 박=Park 홍=Hong 남궁=Namgung"),
]

ORGS = ["Example Networks", "Delta University", "Sample Telecom", "Example University",
        "Placeholder Labs", "Testbed Institute", "Loopback Systems", "Null Route Consulting",
        "Foo & Bar Ltd", "Documentation Prefix Inc.", "Lorem Research", "Specimen Semiconductors",
        "Mock Cloud Services", "Dummy Load Electronics", "The Sample Exchange",
        "Template Technologies", "Sandbox Software Foundation", "Prototype Post and Telegraph"]
ORGS_OF = {
    "de": ["Beispielnetz GmbH", "Technische Hochschule Musterstadt"],
    "fr": ["Exemple Télécom", "Université de l'Essai"],
    "es": ["Redes de Ejemplo S.A.", "Universidad de la Muestra"],
    "pt-BR": ["Exemplo Comunicações"], "tr": ["Örnek Üniversitesi"],
    "pl": ["Przykładowa Sieć Sp. z o.o."], "vi": ["Đại học Ví Dụ"],
    "ru": ["Пример Телеком", "Институт образцов"], "uk": ["Приклад Мережа"],
    "el": ["Πανεπιστήμιο Παραδείγματος"], "he": ["אוניברסיטת הדוגמה"],
    "ar": ["جامعة المثال", "شبكات النموذج"], "fa": ["دانشگاه نمونه"],
    "hi": ["उदाहरण विश्वविद्यालय"], "ta": ["மாதிரி பல்கலைக்கழகம்"], "th": ["มหาวิทยาลัยตัวอย่าง"],
    "zh-Hans": ["示例网络公司", "样本大学"], "zh-Hant": ["範例電信"],
    "ja": ["サンプル通信株式会社", "例示大学"], "ko": ["예시대학교", "견본통신"],
    "ka": ["მაგალითის უნივერსიტეტი"], "hy": ["Օրինակի համալսարան"], "am": ["የምሳሌ ዩኒቨርሲቲ"],
    "bn": ["উদাহরণ বিশ্ববিদ্যালয়"],
}

# Rows that screens, searches and verdicts need to have; only what differs from the usual.
SPECIAL = [
    dict(name="Zoë Müller-Ortiz", given="Zoë", family="Müller-Ortiz", org="Example Networks",
         country="DE", kind="week", newcomer="yes", photo="no", lang="de"),
    dict(name="Jan Mullender", given="Jan", family="Mullender", org="Delta University",
         country="NL", kind="student", lang="nl"),
    dict(name="Aisling Mulligan", given="Aisling", family="Mulligan", org="", country="IE",
         kind="day", days="tue", paid="no", lang="en"),
    dict(name="محمد ملا", given="محمد", family="ملا", latin="Mohammed Mulla",
         org="Example University", country="JO", kind="week", lang="ar"),
    dict(name="Sorcha Ní Bhriain", given="Sorcha", family="Ní Bhriain", org="Sample Telecom",
         country="IE", kind="week", lang="en"),
    dict(name="Chidi Abara", given="Chidi", family="Abara", org="Loopback Systems", country="NG",
         kind="early", lang="en"),
    dict(name="Marta Muster", given="Marta", family="Muster", org="", country="US", kind="week",
         roles="staff", lang="en"),
    dict(name="Conor O'Brien", given="Conor", family="O'Brien", org="Sample Telecom",
         country="IE", kind="week", roles="chair", lang="en"),
    # The shortest and the longest.
    dict(name="O", org="Null Route Consulting", country="KR", kind="week"),
    dict(name="Ø", org="Testbed Institute", country="DK", kind="day", days="wed"),
    dict(name="Q Sample", given="Q", family="Sample", org="Foo & Bar Ltd", country="US",
         kind="week", roles="speaker"),
    dict(name="例", latin="Rei", org="例示大学", country="JP", kind="week", lang="ja"),
    dict(name="Sampelsari", given="Sampelsari", org="Ujicoba Nusantara", country="ID",
         kind="week", newcomer="yes", lang="id"),
    dict(name="Specimen", org="Specimen Semiconductors", country="IN", kind="hackathon",
         gates="hackathon"),
    dict(name="Maximiliane Friederike Karoline Beispielhausen-Mustermannsdorff von und zu "
              "Probeleseheim", given="Maximiliane Friederike Karoline",
         family="Beispielhausen-Mustermannsdorff von und zu Probeleseheim",
         org="Gemeinnützige Gesellschaft zur Förderung besonders langer Beispielnamen in "
             "Verzeichnissen und auf Namensschildern mbH", country="DE", kind="week", lang="de"),
    dict(name="Donaudampfschifffahrtsbeispielgesellschaftskapitänsmusterin",
         family="Donaudampfschifffahrtsbeispielgesellschaftskapitänsmusterin",
         org="Beispielnetz GmbH", country="AT", kind="early", lang="de"),
    dict(name="ตัวอย่างชื่อยาวไม่มีช่องว่างเพื่อตัดคำ สมมุติวงศ์",
         latin="Tuayangchueyao Sommutwong", org="มหาวิทยาลัยตัวอย่าง", country="TH",
         kind="week", lang="th"),
    dict(name="எடுத்துக்காட்டுப்பெருமாள் மாதிரிச்சுந்தரவடிவேலன்",
         latin="Eduthukkattupperumal Mathirichundaravadivelan", org="மாதிரி பல்கலைக்கழகம்",
         country="IN", kind="week", lang="ta"),
    dict(name="საილუსტრაციო მაგალითიშვილი-ნიმუშაშვილი",
         latin="Sailustratsio Magalitishvili-Nimushashvili", org="Testbed Institute",
         country="GE", kind="week", lang="ka"),
    dict(name="عبد الرحمن بن عبد العزيز آل مثال النموذجي", latin="Abd al-Rahman bin Abd al-Aziz "
         "Al Mithal al-Namudhaji", org="جامعة المثال", country="AE", kind="week", lang="ar"),
    # Names that break tables and searches.
    dict(name="Alex Sample", given="Alex", family="Sample", org="Example Networks",
         country="US", kind="week"),
    dict(name="Alex Sample", given="Alex", family="Sample", org="Delta University",
         country="GB", kind="student"),
    dict(name="Null", family="Null", org="Null Route Consulting", country="US", kind="week"),
    dict(name="Robert'); DROP TABLE people;-- Test", org="Sandbox Software Foundation",
         country="US", kind="week", note="Asks for his full name on the badge"),
    dict(name="<b>Tag</b> & Söhne", org="\"Quoted\" & <Partners>", country="DE", kind="week"),
    dict(name="Noe\u0308l De\u0301compose\u0301", given="Noe\u0308l",
         family="De\u0301compose\u0301", org="Exemple Télécom", country="FR", kind="week",
         lang="fr"),
    dict(name="ＦＵＬＬ　ＷＩＤＴＨ", latin="Full Width", org="例示大学", country="JP", kind="week",
         lang="ja"),
    dict(name="I. İ. ı. Noktalı", family="Noktalı", org="Örnek Üniversitesi", country="TR",
         kind="week", lang="tr"),
    dict(name="𠮷例 花子", given="花子", family="𠮷例", latin="Yoshirei Hanako",
         org="サンプル通信株式会社", country="JP", kind="week", lang="ja"),
    dict(name="Dana דוגמה Sample", latin="Dana Dugma Sample", org="אוניברסיטת הדוגמה (Example)",
         country="IL", kind="week", lang="he"),
    dict(name="D'Arcy-Ó Sampla Jr., PhD", org="Foo & Bar Ltd", country="IE", kind="week"),
    # Verdicts on call.
    dict(name="Una Paidley", org="Lorem Research", country="GB", kind="week", paid="no"),
    dict(name="Casey Cancelled-Sample", org="Lorem Research", country="CA", kind="week",
         status="cancelled"),
    dict(name="Blake Blocked-Sample", org="Placeholder Labs", country="US", kind="week",
         status="blocked"),
    dict(name="Nora Noteworthy", org="Testbed Institute", country="US", kind="week",
         note="Waits for a letter of invitation: hand it over at desk 1"),
    dict(name="Mona Monday", org="Example Networks", country="US", kind="day", days="mon"),
    dict(name="Tuan Tuesday", org="Example Networks", country="US", kind="day", days="tue"),
    dict(name="Wendy Wednesday", org="Example Networks", country="US", kind="day", days="wed"),
    dict(name="Theo Thursday", org="Example Networks", country="US", kind="day", days="thu"),
    dict(name="Freya Friday", org="Example Networks", country="US", kind="day", days="fri"),
    dict(name="Hank Hackerman", org="Sandbox Software Foundation", country="US",
         kind="hackathon", gates="hackathon"),
    dict(name="Cora Companion", org="", country="US", kind="companion", gates="social"),
    dict(name="Pat Pressman", org="The Daily Sample", country="US", kind="press", roles="press"),
    dict(name="Ines Invited", org="Testbed Institute", country="DE", kind="caris",
         gates="caris", lang="de"),
]

NOTES = ["Has left a bag at the desk", "Needs a receipt with the company's name",
         "Wheelchair: the lift by the lobby", "Speaks sign language: Marta can help",
         "Moved to another hotel, ask for the new telephone number",
         "Asked for a second badge for the guide dog", "Letter from the host waits at desk 1"]


def parse_names(text):
    """[(native, latin or '')]; a low line stands for a blank within a name."""
    pairs = [(w.split("=") + [""])[:2] for w in text.split()]
    return [tuple(n.replace("_", " ") for n in pair) for pair in pairs]


def join_name(order, glue, given, family):
    return glue.join([family, given] if order == "fg" else [given, family])


def make_usual(rng):
    people = []
    for lang, countries, count, order, glue, given_text, family_text in LANGUAGES:
        givens, families = parse_names(given_text), parse_names(family_text)
        pairs = [(g, f) for g in givens for f in families]
        rng.shuffle(pairs)
        for (given, given_latin), (family, family_latin) in pairs[:count]:
            latin = ""
            if given_latin or family_latin:
                latin = join_name(order, " ", given_latin or given, family_latin or family)
            org = rng.choice(ORGS_OF.get(lang, ORGS) if rng.random() < 0.4 else ORGS)
            people.append(dict(
                name=join_name(order, glue, given, family), given=given, family=family,
                latin=latin, org="" if rng.random() < 0.04 else org,
                country=rng.choice(countries.split()), lang=lang))
    return people


def add_roles(rng, people):
    wanted = [("chair", 56), ("noc", 9), ("volunteer", 12), ("staff", 8), ("nomcom", 10),
              ("speaker", 8), ("host", 6)]
    free = [p for p in people if p["kind"] in ("week", "early")]
    rng.shuffle(free)
    for role, count in wanted:
        for _ in range(count):
            p = free.pop()
            p["roles"] = role
            p["newcomer"] = ""
            if role == "chair" and rng.random() < 0.12:
                p["roles"] = "chair;nomcom"
            elif role == "noc" and rng.random() < 0.3:
                p["roles"] = "noc;volunteer"


def add_tickets(rng, people):
    kinds = (["week"] * 50 + ["early"] * 24 + ["student"] * 8 + ["day"] * 8 +
             ["hackathon"] * 4 + ["companion"] * 3 + ["press"] * 2)
    for p in people:
        p["kind"] = rng.choice(kinds)
        if p["kind"] == "day":
            p["days"] = rng.choice(list(DAYS))
        if p["kind"] == "press":
            p["roles"] = "press"
        if p["kind"] in ("week", "early", "student") and rng.random() < 0.2:
            p["newcomer"] = "yes"
        if rng.random() < 0.07:
            p["photo"] = "no"
    for p in rng.sample([p for p in people if p["kind"] in ("week", "day")], 16):
        p["paid"] = "no"
    for p in rng.sample([p for p in people if not p.get("paid")], 9):
        p["status"] = "cancelled"
    for p, note in zip(rng.sample([p for p in people if not p.get("status")], len(NOTES)), NOTES):
        p["note"] = note
    rng.choice([p for p in people if not p.get("status")])["status"] = "blocked"


def add_gates(rng, people):
    for p in people:
        gates = []
        at_meeting = p["kind"] in ("week", "early", "student")
        if p["kind"] == "companion" or (at_meeting and rng.random() < 0.42):
            gates.append("social")
        if p["kind"] == "hackathon" or (at_meeting and rng.random() < 0.14):
            gates.append("hackathon")
        if at_meeting and rng.random() < 0.06:
            gates.append("caris")
        p["gates"] = ";".join(gates)


def digest(number, what):
    return hashlib.blake2b(f"{SEED} {what} {number}".encode(), digest_size=32).digest()


def make_id(number):
    """16 characters of the badge alphabet: the hub takes them as they are, so a demo's
    badges are the same on every machine."""
    value = int.from_bytes(digest(number, "id")[:10], "big")
    return "".join(CROCKFORD[value >> 5 * (15 - i) & 31] for i in range(16))


def make_people():
    rng = random.Random(SEED)
    usual = make_usual(rng)
    add_tickets(rng, usual)
    add_roles(rng, usual)
    add_gates(rng, usual)
    rng.shuffle(usual)
    out = io.StringIO()
    w = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    w.writeheader()
    for number, p in enumerate(SPECIAL + usual, 1):
        row = dict(p, id=make_id(number), ticket=digest(number, "ticket")[:8].hex())
        row["days"] = DAYS.get(p.get("days"), "")
        row["paid"] = p.get("paid") or "yes"
        row["status"] = p.get("status") or "ok"
        w.writerow(row)
    return out.getvalue()


def main():
    text = make_people()
    if sys.argv[1:] == ["--check"]:
        if not OUT.exists() or OUT.read_bytes() != text.encode():
            print(f"{OUT}: differs from what tests/data/make_people.py makes")
            sys.exit(1)
        return
    OUT.write_text(text, encoding="utf-8", newline="")


main()
